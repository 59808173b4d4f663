using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Members of a validated object: absence is the only surprise left.</summary>
internal static class JsonElementReading
{
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    public static bool IsTrue(this JsonElement element, string name) => element.Member(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static IReadOnlyList<Coding> Codings(this JsonElement element, string concept) =>
        element.Member(concept) is { } member
            ? [.. member.Items("coding").Select(coding => new Coding(coding.Text("system"), coding.Text("code")))]
            : [];

    /// <summary>Something that a consumer who does not know it must not look past.</summary>
    public static bool HasModifier(this JsonElement element) =>
        element.Member("modifierExtension") is not null
        || element.Member("implicitRules") is not null || element.Member("_implicitRules") is not null;
}
