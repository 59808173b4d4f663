using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lazaret.Node.Cohorts.Forms;

/// <summary>
/// What a page's form of a question holds: the interface's fields, and one for each level, edge and covariate that is chosen. The node makes <c>filters</c> and <c>covariates</c> of
/// those, so that they can be chosen in a browser that runs no script.
/// </summary>
internal sealed class PageFields
{
    /// <summary>Before a category's name: one of its levels.</summary>
    public const string Level = "level:";

    /// <summary>Before a number's name: the edge at which its range begins.</summary>
    public const string Min = "min:";

    /// <summary>Before a number's name: the edge below which its range ends.</summary>
    public const string Max = "max:";

    /// <summary>The name of one covariate.</summary>
    public const string Covariate = "covariate";

    /// <summary>The page's own mark: a question that the same page sends twice is one job.</summary>
    public const string Once = "once";

    public const int MostParts = 1000;

    /// <summary>How many bytes all fields that come may hold together. The page shows them again, each character as up to six.</summary>
    public const int MostBytes = 32 << 10;

    private const int LongestChoice = 300;
    private const int LongestOnce = 64;

    private readonly List<(string Name, string Value)> _all = [];

    public IEnumerable<(string Name, string Value)> All => _all;

    /// <summary>Whether a page's form has this field, and the interface's has not.</summary>
    public static bool Has(string name) => name is Covariate or Once || Array.Exists([Level, Min, Max], part => name.StartsWith(part, StringComparison.Ordinal));

    /// <summary>How many bytes a field of the page may hold.</summary>
    public static int LongestOf(string name) => name switch
    {
        Once => LongestOnce,
        "filters" or "covariates" => MostBytes,
        _ => LongestChoice,
    };

    /// <summary>The interface's field that becomes of it: a name of ours, whatever its sender wrote behind it.</summary>
    public static string FieldOf(string name) => name switch
    {
        Covariate => "covariates",
        _ when name != Once && Has(name) => "filters",
        _ => name,
    };

    public void Add(string name, string value) => _all.Add((name, value));

    /// <summary>The value of a field that is there once; null where it is empty.</summary>
    public string? Text(string name) => Of(name).FirstOrDefault();

    /// <summary>All that was chosen of that name.</summary>
    public IEnumerable<string> Of(string name) => _all.Where(field => field.Name == name && field.Value.Length > 0).Select(field => field.Value);

    /// <summary>The interface's field: what was typed as such, and every chosen covariate.</summary>
    public string Covariates => string.Join(',', Of("covariates").Concat(Of(Covariate)));

    /// <summary>
    /// The interface's field: what was typed as such, and every chosen level and edge. Levels of one variable are alternatives, wherever they were chosen; a range that is there twice
    /// stays so, and is refused. What is no JSON object stays as it was typed, and is refused, too.
    /// </summary>
    public string? Filters
    {
        get
        {
            var typed = Text("filters");
            var levels = Chosen(Level).ToDictionary(name => name.Key, name => name.Select(one => one.Value).ToList(), StringComparer.Ordinal);
            var ranges = Chosen(Min, Max).ToList();
            if (levels.Count == 0 && ranges.Count == 0)
                return typed;
            try
            {
                using var more = JsonDocument.Parse(string.IsNullOrWhiteSpace(typed) ? "{}" : typed);
                return more.RootElement.ValueKind == JsonValueKind.Object ? Write(more.RootElement, levels, ranges) : typed;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // An InvalidOperationException is half a surrogate pair, written as an escape.
                return typed;
            }
        }
    }

    /// <summary>Under which key the question is one job: another question of the same page is another one. Null for a page without a mark.</summary>
    /// <param name="digest">Of the question.</param>
    public string? KeyOf(string digest) => Text(Once) is { } once ? $"{once}:{digest}" : null;

    private IEnumerable<IGrouping<string, (string Part, string Value)>> Chosen(params string[] parts) =>
        from field in _all
        where field.Value.Length > 0
        let part = Array.Find(parts, part => field.Name.StartsWith(part, StringComparison.Ordinal))
        where part is not null
        group (part, field.Value) by field.Name[part.Length..];

    private static string Write(JsonElement typed, Dictionary<string, List<string>> levels, List<IGrouping<string, (string Part, string Value)>> ranges)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var property in typed.EnumerateObject())
            {
                if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Array && levels.Remove(property.Name, out var chosen))
                    WriteLevels(json, property.Name, chosen, property.Value.ValueKind == JsonValueKind.Array ? [.. property.Value.EnumerateArray()] : [property.Value]);
                else
                    property.WriteTo(json);
            }

            foreach (var (name, chosen) in levels)
                WriteLevels(json, name, chosen, []);
            foreach (var range in ranges)
            {
                json.WriteStartObject(range.Key);
                foreach (var (part, value) in range)
                    WriteEdge(json, part == Min ? "min" : "max", value);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteLevels(Utf8JsonWriter json, string name, List<string> chosen, JsonElement[] typed)
    {
        json.WriteStartArray(name);
        foreach (var level in chosen)
            json.WriteStringValue(level);
        foreach (var level in typed)
            level.WriteTo(json);
        json.WriteEndArray();
    }

    private static void WriteEdge(Utf8JsonWriter json, string end, string value)
    {
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) && double.IsFinite(edge))
            json.WriteNumber(end, edge);
        else
            json.WriteString(end, value);
    }
}
