using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Lazaret.Node.Diagnoses.Answers;

namespace Lazaret.Node.Diagnoses;

/// <summary>A patient's observations, and what to find out from them.</summary>
/// <remarks>For the interface's description alone: <see cref="DiagnosisEnvelope"/> reads the body, member by member.</remarks>
internal sealed record DiagnosisBody
{
    [JsonPropertyName("client_id"), StringLength(200, MinimumLength = 1)]
    public required string ClientId { get; init; }

    [JsonPropertyName("target_diagnosis"), StringLength(200, MinimumLength = 1), Description("the key of a registered model: see /v1/models")]
    public required string TargetDiagnosis { get; init; }

    [JsonPropertyName("webhook_url"), Description("where to be told that the job is over: https, and a public address unless the site allows another; see docs/webhooks.md")]
    public Uri? WebhookUrl { get; init; }

    [JsonPropertyName("fhir_bundle")]
    public required FhirBundleBody FhirBundle { get; init; }
}
