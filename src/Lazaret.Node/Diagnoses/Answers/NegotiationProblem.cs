using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Http;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>What to ask for before the model can answer.</summary>
internal sealed class NegotiationProblem : ProblemDetails
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
    public required IReadOnlyList<MissingDatum> MissingData { get; init; }

    [JsonPropertyName("skipped"), Description("data of the kinds asked for that were not used")]
    public required IReadOnlyList<SkippedDatum> Skipped { get; init; }

    [JsonPropertyName("unread"), Description("parts of the bundle that were not read")]
    public required IReadOnlyList<UnreadPart> Unread { get; init; }

    [JsonPropertyName("versions"), Description("of the model, the most accurate first: model is the one that lacks least")]
    public required IReadOnlyList<LackingVersion> Versions { get; init; }

    [JsonPropertyName("warnings"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("what is wrong with the bundle and does not matter")]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }

    public static NegotiationProblem Of(DiagnosisDecision.DataRequired required)
    {
        var mandatory = required.Negotiation.Missing.Where(item => item.Requirement.Mandatory).ToList();
        return new()
        {
            Type = Problems.TypeOf("negotiation-required"),
            Title = "The model needs more data",
            Status = StatusCodes.Status409Conflict,
            Detail = $"The model needs {string.Join(", ", mandatory.Select(item => $"{item.Requirement.Title} ({item.Requirement.Code})"))}.",
            Code = "NEGOTIATION_REQUIRED",
            Verdict = required.Negotiation.Verdict,
            Cause = mandatory[0].Reason.Name,
            Model = required.Basis.Model,
            MissingData = [.. required.Negotiation.Missing.Select(MissingDatum.Of)],
            Skipped = required.Basis.Skipped,
            Unread = required.Negotiation.Unread,
            Versions = [.. required.Versions.Select(LackingVersion.Of)],
            Warnings = required.Basis.Warnings,
        };
    }
}

/// <summary>What one version of the model lacks.</summary>
internal sealed record LackingVersion(
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("accuracy")] double Accuracy,
    [property: JsonPropertyName("missing"), Description("the codes of its mandatory data")] IReadOnlyList<string> Missing)
{
    public static LackingVersion Of(UnmetVersion version) => new(
        version.Model.Manifest.Version.ToString(),
        version.Model.Manifest.Accuracy,
        [.. version.Negotiation.Missing.Where(item => item.Requirement.Mandatory).Select(item => item.Requirement.Code)]);
}
