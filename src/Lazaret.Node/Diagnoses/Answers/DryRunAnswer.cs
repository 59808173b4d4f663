using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>What a dry run says when the data suffice.</summary>
internal sealed record DryRunAnswer(
    [property: JsonPropertyName("verdict"), AllowedValues("satisfied")] string Verdict,
    [property: JsonPropertyName("model")] NegotiatedModel Model,
    [property: JsonPropertyName("used")] IReadOnlyList<UsedDatum> Used,
    [property: JsonPropertyName("skipped")] IReadOnlyList<SkippedDatum> Skipped,
    [property: JsonPropertyName("missing_data"), Description("of those that the model can do without")] IReadOnlyList<MissingDatum> MissingData)
{
    [JsonPropertyName("unread"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("parts of the bundle that were not read, and why")]
    public IReadOnlyList<UnreadPart>? Unread { get; init; }

    [JsonPropertyName("passed_over"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("more accurate versions that were not used, and what each lacked")]
    public IReadOnlyList<PassedVersion>? PassedOver { get; init; }

    [JsonPropertyName("warnings"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("what is wrong with the bundle and does not matter")]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }

    public static DryRunAnswer Of(DiagnosisDecision.Sufficient sufficient) => new(
        sufficient.Negotiation.Verdict,
        sufficient.Basis.Model,
        sufficient.Basis.Used,
        sufficient.Basis.Skipped,
        [.. sufficient.Negotiation.Missing.Select(MissingDatum.Of)])
    {
        Unread = sufficient.Basis.Unread,
        PassedOver = sufficient.Basis.PassedOver,
        Warnings = sufficient.Basis.Warnings,
    };
}
