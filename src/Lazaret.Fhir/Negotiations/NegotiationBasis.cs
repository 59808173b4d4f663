using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>
/// What an answer rests on: the model, each datum that it was given, and each that was there and was not used. All of it is patient
/// data, and is sealed wherever it is kept.
/// </summary>
public sealed record NegotiationBasis(
    [property: JsonPropertyName("model")] NegotiatedModel Model,
    [property: JsonPropertyName("used")] IReadOnlyList<UsedDatum> Used,
    [property: JsonPropertyName("skipped")] IReadOnlyList<SkippedDatum> Skipped)
{
    /// <summary>Parts of the bundle that were not read, and why; null when it was read whole.</summary>
    [JsonPropertyName("unread"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<UnreadPart>? Unread { get; init; }

    /// <summary>How to refer to the patient: <see cref="Negotiation.Patient"/>.</summary>
    [JsonPropertyName("patient"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Patient { get; init; }

    /// <summary>More accurate versions of the model that were not used, and what each lacked; null when this is the most accurate.</summary>
    [JsonPropertyName("passed_over"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PassedVersion>? PassedOver { get; init; }

    /// <summary>What is wrong with the bundle and did not matter, as far as it is told; null when nothing is.</summary>
    [JsonPropertyName("warnings"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }

    public static NegotiationBasis Of(NegotiatedModel model, Negotiation negotiation) =>
        new(model, [.. negotiation.Chosen.Select(UsedDatum.Of)], [.. negotiation.Skipped.Select(SkippedDatum.Of)])
        {
            Patient = negotiation.Patient,
            Unread = negotiation.Unread.Count > 0 ? negotiation.Unread : null,
        };

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, BasisJson.Default.NegotiationBasis);

    public static NegotiationBasis Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, BasisJson.Default.NegotiationBasis)!;
}

/// <summary>The model that a negotiation was about.</summary>
public sealed record NegotiatedModel([property: JsonPropertyName("key")] string Key, [property: JsonPropertyName("version")] string Version);

/// <summary>A more accurate version of the model that was not used.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Missing">The codes of the mandatory data that it lacked.</param>
public sealed record PassedVersion([property: JsonPropertyName("version")] string Version, [property: JsonPropertyName("missing")] IReadOnlyList<string> Missing);

/// <summary>A datum that the model was given.</summary>
/// <param name="Code">The requirement's code.</param>
/// <param name="Reference">Where it stands in the bundle: <c>Observation/o1</c>, <c>Observation/bp#8480-6</c>, or the fullUrl of a URN entry.</param>
/// <param name="Time">The oldest instant at which it can have been true.</param>
/// <param name="Value">As the model gets it: a number in <paramref name="Unit"/>, a text for a coded value, true for a condition or medication that is there.</param>
/// <param name="Unit">UCUM.</param>
public sealed record UsedDatum(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("reference")] string Reference,
    [property: JsonPropertyName("time")] DateTimeOffset? Time,
    [property: JsonPropertyName("value")] JsonElement Value,
    [property: JsonPropertyName("unit")] string? Unit)
{
    [JsonPropertyName("converted_from"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnconvertedValue? ConvertedFrom { get; init; }

    /// <summary>The newer datum that could not be used, where the model allows an older one in its place.</summary>
    [JsonPropertyName("instead_of"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SkippedDatum? InsteadOf { get; init; }

    internal static UsedDatum Of(ChosenItem item) => new(
        item.Requirement.Code,
        item.Source,
        item.Earliest,
        item.Value switch
        {
            ChosenValue.Measured measured => Number(measured.Number),
            ChosenValue.Token token => JsonSerializer.SerializeToElement(token.Text, BasisJson.Default.String),
            _ => JsonElement.Parse("true"),
        },
        (item.Value as ChosenValue.Measured)?.Unit)
    {
        ConvertedFrom = item.ConvertedFrom is { } from ? new(from.Number, from.Unit!) : null,
        InsteadOf = item.InsteadOf is { } finding ? SkippedDatum.Of(new(item.Requirement, finding)) : null,
    };

    // With the digits that it has.
    private static JsonElement Number(decimal number) => JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture));
}

/// <summary>The value as the bundle has it.</summary>
public sealed record UnconvertedValue([property: JsonPropertyName("value")] decimal Value, [property: JsonPropertyName("unit")] string Unit);

/// <summary>A datum that was there for a requirement, and was not used.</summary>
/// <param name="Code">The requirement's code.</param>
/// <param name="Reference">Where it stands in the bundle.</param>
/// <param name="Time">When it was true, as far as it says.</param>
/// <param name="Cause">The finer cause.</param>
/// <param name="Explanation">The same in words.</param>
public sealed record SkippedDatum(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("reference")] string Reference,
    [property: JsonPropertyName("time")] DateTimeOffset? Time,
    [property: JsonPropertyName("cause"), JsonPropertyOrder(1)] string Cause,
    [property: JsonPropertyName("explanation"), JsonPropertyOrder(1)] string Explanation)
{
    /// <summary>As in the answer that asks for data; null where it is no fault, but an older datum.</summary>
    [JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    internal static SkippedDatum Of(SkippedItem item) =>
        new(item.Requirement.Code, item.Finding.Source, item.Finding.Time, item.Finding.Reason.Name, item.Finding.Words)
        {
            Reason = item.Finding.Cause == MissCause.Older ? null : item.Finding.Reason.Reason,
        };
}

[JsonSerializable(typeof(NegotiationBasis))]
[JsonSerializable(typeof(string))]
internal sealed partial class BasisJson : JsonSerializerContext;
