using System.Text.Json;

namespace Lazaret.Node.WebConsole.Ask;

/// <summary>Reads the filters of an earlier question back into the form.</summary>
internal static class Chosen
{
    /// <summary>Whether these filters choose that level of a category.</summary>
    public static bool Holds(string filters, string variable, string level) => Find(filters, variable) is { } value && value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(one => one.ToString() == level),
        JsonValueKind.Object => false,
        _ => value.ToString() == level,
    };

    /// <summary>Where a range of numbers begins or ends; null where it is open.</summary>
    /// <param name="end">min or max.</param>
    public static double? Edge(string filters, string variable, string end) =>
        Find(filters, variable) is { ValueKind: JsonValueKind.Object } range && range.TryGetProperty(end, out var edge) && edge.ValueKind == JsonValueKind.Number ? edge.GetDouble() : null;

    private static JsonElement? Find(string filters, string variable)
    {
        try
        {
            using var json = JsonDocument.Parse(filters);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(variable, out var value) ? value.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
