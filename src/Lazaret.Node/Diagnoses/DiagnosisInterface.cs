using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Diagnoses;

// What the interface describes, and the code reads or writes as JSON: a test holds these records against real answers.

/// <summary>The body of a request for a diagnosis.</summary>
public sealed record DiagnosisBody
{
    [JsonPropertyName("client_id"), StringLength(200, MinimumLength = 1)]
    public required string ClientId { get; init; }

    [JsonPropertyName("target_diagnosis"), StringLength(200, MinimumLength = 1), Description("the key of a registered model: see /v1/models")]
    public required string TargetDiagnosis { get; init; }

    [JsonPropertyName("webhook_url"), Description("where to be told that the job is over: https, and a public address unless the site allows another; see docs/webhooks.md")]
    public Uri? WebhookUrl { get; init; }

    [JsonPropertyName("fhir_bundle"), Description("a FHIR R4 Bundle")]
    public required JsonObject FhirBundle { get; init; }
}

/// <summary>What a dry run says when the data suffice.</summary>
public sealed record DryRunAnswer(
    [property: JsonPropertyName("verdict"), AllowedValues("satisfied")] string Verdict,
    [property: JsonPropertyName("model")] NegotiatedModel Model,
    [property: JsonPropertyName("used")] IReadOnlyList<UsedDatum> Used,
    [property: JsonPropertyName("skipped")] IReadOnlyList<SkippedDatum> Skipped,
    [property: JsonPropertyName("missing_data")] IReadOnlyList<MissingData> MissingData)
{
    [JsonPropertyName("warnings"), Description("what is wrong with the bundle and does not matter")]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }
}

/// <summary>What to ask for before the model can answer.</summary>
public sealed class NegotiationProblem : ProblemDetails
{
    [JsonPropertyName("code"), AllowedValues("NEGOTIATION_REQUIRED")]
    public required string Code { get; init; }

    [JsonPropertyName("verdict"), AllowedValues("data-required")]
    public required string Verdict { get; init; }

    [JsonPropertyName("cause"), Description("of the first mandatory datum")]
    public required string Cause { get; init; }

    [JsonPropertyName("model")]
    public required NegotiatedModel Model { get; init; }

    [JsonPropertyName("missing_data")]
    public required IReadOnlyList<MissingData> MissingData { get; init; }

    [JsonPropertyName("skipped"), Description("data of the kinds asked for that were not used")]
    public required IReadOnlyList<SkippedDatum> Skipped { get; init; }

    [JsonPropertyName("unread"), Description("parts of the bundle that were not read")]
    public required IReadOnlyList<UnreadPart> Unread { get; init; }

    [JsonPropertyName("versions"), Description("of the model, the most accurate first: model is the one that lacks least")]
    public required IReadOnlyList<LackingVersion> Versions { get; init; }

    [JsonPropertyName("warnings"), Description("what is wrong with the bundle and does not matter")]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }
}

/// <summary>What one version of the model lacks.</summary>
public sealed record LackingVersion(
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("accuracy")] double Accuracy,
    [property: JsonPropertyName("missing"), Description("the codes of its mandatory data")] IReadOnlyList<string> Missing);

/// <summary>One thing that the model needs and the bundle lacks, and the FHIR search that would find it.</summary>
public sealed record MissingData(
    [property: JsonPropertyName("type"), AllowedValues("Observation", "Condition", "MedicationStatement")] string Type,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("system")] string System,
    [property: JsonPropertyName("display")] string Display,
    [property: JsonPropertyName("mandatory")] bool Mandatory,
    [property: JsonPropertyName("max_age"), Description("ISO 8601")] string? MaxAge,
    [property: JsonPropertyName("reason"), AllowedValues("absent", "stale", "wrong_unit", "wrong_status", "no_value", "out_of_range", "future")] string Reason,
    [property: JsonPropertyName("cause"), Description("the finer cause")] string Cause,
    [property: JsonPropertyName("explanation")] string Explanation,
    [property: JsonPropertyName("ask"), Description("a sentence that a person can be asked")] string Ask,
    [property: JsonPropertyName("found"), Description("what the bundle has of the kind, and why it is not used")] FoundDatum? Found,
    [property: JsonPropertyName("remedy"), AllowedValues("record", "correct"), Description("record: a new datum helps; correct: the one that was found has to be corrected or marked as entered in error")] string Remedy,
    [property: JsonPropertyName("search")] string Search)
{
    [JsonPropertyName("also_codes")]
    public IReadOnlyList<string> AlsoCodes { get; init; } = [];

    [JsonPropertyName("accepted_units"), Description("UCUM")]
    public IReadOnlyList<string> AcceptedUnits { get; init; } = [];

    [JsonPropertyName("accepted_codes")]
    public IReadOnlyList<string> AcceptedCodes { get; init; } = [];

    [JsonPropertyName("answers"), Description("of coded values, one code for each answer")]
    public IReadOnlyList<CodedAnswer> Answers { get; init; } = [];

    [JsonPropertyName("accept_absent"), Description("an Observation with a dataAbsentReason is an answer, and is not asked again")]
    public bool AcceptAbsent { get; init; }

    [JsonPropertyName("component_of")]
    public IReadOnlyList<string> ComponentOf { get; init; } = [];

    [JsonPropertyName("statuses")]
    public IReadOnlyList<string> Statuses { get; init; } = [];

    [JsonPropertyName("fallback"), AllowedValues("older")]
    public string? Fallback { get; init; }

    [JsonPropertyName("range"), Length(2, 2)]
    public IReadOnlyList<decimal> Range { get; init; } = [];
}
