using System.Globalization;
using System.Text.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>What an answer rests on, a line for each, for a person.</summary>
internal static class BasisText
{
    public static string Of(UsedDatum used, ModelDescription model)
    {
        var value = used.Value.ValueKind == JsonValueKind.True ? "" : $" {Value(used.Value, used.Unit)}";
        var from = used.ConvertedFrom is { } original ? $", converted from {original.Value.ToString(CultureInfo.InvariantCulture)} {original.Unit}" : "";
        var instead = used.InsteadOf is { } newer ? $"; not the newer {newer.Reference}: {newer.Explanation}" : "";
        return $"{Name(used.Code, model)}:{value}{from} ({Place(used.Time, used.Reference)}){instead}";
    }

    public static string Of(SkippedDatum skipped, ModelDescription model) =>
        $"{Name(skipped.Code, model)} ({Place(skipped.Time, skipped.Reference)}): {skipped.Explanation}";

    public static string Of(BundleWarning warning) => warning.Expression.Length > 0 ? $"{warning.Expression}: {warning.Diagnostics}" : warning.Diagnostics;

    private static string Name(string code, ModelDescription model) => model.Requirements.FirstOrDefault(requirement => requirement.Code == code) is { } requirement && requirement.Title != code
        ? $"{requirement.Title} ({code})"
        : code;

    private static string Value(JsonElement value, string? unit) => $"{(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText())}{(unit is null ? "" : $" {unit}")}";

    private static string Place(DateTimeOffset? time, string reference) =>
        time is { } instant ? string.Create(CultureInfo.InvariantCulture, $"{instant.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {reference}") : reference;
}
