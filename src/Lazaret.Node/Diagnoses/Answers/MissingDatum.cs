using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>One thing that the model needs and the bundle lacks, and the FHIR search that would find it.</summary>
internal sealed record MissingDatum : RequiredDatum
{
    [SetsRequiredMembers]
    private MissingDatum(MissingItem item)
        : base(item.Requirement)
    {
        Reason = item.Reason.Reason;
        Cause = item.Reason.Name;
        Explanation = item.Explanation;
        Ask = item.Ask;
        Found = item.Found is { } found ? FoundDatum.Of(found) : null;
        Remedy = item.Remedy;
        Search = item.Search;
        SearchAlso = item.SearchAlso;
    }

    [JsonPropertyName("reason"), JsonPropertyOrder(1), AllowedValues("absent", "stale", "wrong_unit", "wrong_status", "no_value", "out_of_range", "future")]
    public required string Reason { get; init; }

    [JsonPropertyName("cause"), JsonPropertyOrder(1), Description("the finer cause")]
    public required string Cause { get; init; }

    [JsonPropertyName("explanation"), JsonPropertyOrder(1)]
    public required string Explanation { get; init; }

    [JsonPropertyName("ask"), JsonPropertyOrder(1), Description("a sentence that a person can be asked")]
    public required string Ask { get; init; }

    [JsonPropertyName("found"), JsonPropertyOrder(1), Description("what the bundle has of the kind, and why it is not used")]
    public required FoundDatum? Found { get; init; }

    [JsonPropertyName("remedy"), JsonPropertyOrder(1), AllowedValues("record", "correct", "none")]
    [Description("record: a new datum helps; correct: the one that was found has to be corrected or marked as entered in error; none: the answer is on record, and with it the model cannot be used")]
    public required string Remedy { get; init; }

    [JsonPropertyName("search"), JsonPropertyOrder(1)]
    public required string Search { get; init; }

    [JsonPropertyName("search_also"), JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("of a medicine: the search for MedicationStatements, beside that for orders")]
    public string? SearchAlso { get; init; }

    public static MissingDatum Of(MissingItem item) => new(item);
}
