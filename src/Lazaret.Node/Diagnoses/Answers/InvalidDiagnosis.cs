using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Http;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>What is wrong with a request for a diagnosis: <c>errors</c> of its members, or why its bundle is refused.</summary>
internal sealed class InvalidDiagnosis : InvalidRequest
{
    [JsonPropertyName("verdict"), AllowedValues("refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Verdict { get; init; }

    [JsonPropertyName("cause"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("why the bundle is refused")]
    public string? Cause { get; init; }

    [JsonPropertyName("place"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("where in the bundle; the first of places")]
    public string? Place { get; init; }

    [JsonPropertyName("places"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Places { get; init; }

    [JsonPropertyName("model"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NegotiatedModel? Model { get; init; }

    [JsonPropertyName("outcome"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("of a bundle that is no FHIR: every issue with its FHIRPath")]
    public FhirOutcome? Outcome { get; init; }

    /// <summary>The bundle is no valid FHIR.</summary>
    public static InvalidDiagnosis Of(IReadOnlyList<FhirIssue> issues) => new()
    {
        Type = Problems.TypeOf("invalid-fhir"),
        Title = "The bundle is not valid FHIR R4",
        Status = StatusCodes.Status422UnprocessableEntity,
        Detail = issues.Count == 1 ? "1 issue; see outcome" : $"{issues.Count} issues; see outcome",
        Verdict = "refused",
        Cause = MissReason.Of(MissCause.InvalidBundle).Name,
        Outcome = JsonSerializer.Deserialize<FhirOutcome>(OperationOutcome.ToJson(FhirAnswer.FirstOf(issues))),
    };

    /// <summary>The bundle is valid, and what no answer of a person can mend is no question.</summary>
    public static InvalidDiagnosis Of(Model model, Refusal refusal) => new()
    {
        Type = Problems.TypeOf("unusable-bundle"),
        Title = "The bundle cannot be used",
        Status = StatusCodes.Status422UnprocessableEntity,
        Detail = $"{refusal.Place}: {refusal.Words}.",
        Verdict = "refused",
        Cause = refusal.Cause,
        Place = refusal.Place,
        Places = refusal.Places,
        Model = new(model.Manifest.Key, model.Manifest.Version.ToString()),
    };
}
