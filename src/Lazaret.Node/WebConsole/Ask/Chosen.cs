using System.Text.Json;

namespace Lazaret.Node.WebConsole.Ask;

/// <summary>Reads the filters of an earlier question back into the form.</summary>
internal static class Chosen
{
    public static bool Holds(string filters, string variable, string level)
    {
        try
        {
            using var json = JsonDocument.Parse(filters);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(variable, out var value) && value.ValueKind switch
            {
                JsonValueKind.Array => value.EnumerateArray().Any(one => one.ToString() == level),
                JsonValueKind.Object => false,
                _ => value.ToString() == level,
            };
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
