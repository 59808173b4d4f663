using System.Globalization;
using System.Text;
using System.Text.Json;
using Lazaret.Cohort.Statistics;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Forms;

namespace Lazaret.Node.WebConsole.Ask;

/// <summary>
/// What the form of a question shows as chosen: what was sent and not taken, or what the page's address asks for. If a part of an earlier question is left out, the
/// page says so.
/// </summary>
internal sealed class Chosen
{
    /// <summary>The choice when there is no catalog to choose from.</summary>
    public static readonly Chosen Nothing = new(new PageFields());

    private const int LongestValue = 4096;
    private const int MostValues = 500;

    private readonly PageFields _fields;

    private Chosen(PageFields fields) => _fields = fields;

    /// <summary>The filters that are typed as JSON: those for which the form has neither box nor edge.</summary>
    public string Filters { get; private init; } = "";

    /// <summary>The parts of an earlier question that the catalog does not have, in words.</summary>
    public IReadOnlyList<string> Gone { get; private init; } = [];

    /// <summary>The covariates that the catalog has.</summary>
    public IReadOnlyList<string> Covariates { get; private init; } = [];

    /// <summary>The covariates that the catalog does not have, as one text: with a box for each, a page would grow with what is sent.</summary>
    public string OtherCovariates { get; private init; } = "";

    public string? Text(string name) => _fields.Text(name);

    public bool Has(string category, string level) => _fields.Of(PageFields.Level + category).Contains(level, StringComparer.Ordinal);

    /// <param name="part"><see cref="PageFields.Min"/> or <see cref="PageFields.Max"/>.</param>
    public bool IsEdge(string part, string number, string edge) => _fields.Text(part + number) == edge;

    /// <param name="sent">What was sent and not taken; null for a page that answers no form.</param>
    /// <param name="query">What the page's address asks for.</param>
    /// <param name="catalog">What may be asked.</param>
    public static Chosen Of(PageFields? sent, IQueryCollection query, CatalogAnswer catalog)
    {
        var (asked, gone) = (sent ?? Read(query), new List<string>());
        var (fields, filters) = (new PageFields(), Spread(asked.Filters ?? "{}", catalog, gone));
        foreach (var (name, value) in asked.All.Where(field => PageFields.FieldOf(field.Name) != "filters").Concat(filters?.Boxes.All ?? asked.All.Where(field => PageFields.Has(field.Name))))
            fields.Add(name, value);
        string[] variables = [.. catalog.Variables.Select(variable => variable.Name)];
        string[] outcomes = [.. catalog.Outcomes.Select(outcome => outcome.Name)];
        foreach (var (name, known) in new (string, IEnumerable<string>)[]
        {
            ("task", catalog.Tasks), ("outcome", outcomes), ("score", catalog.Scores), ("stat", catalog.Stats), ("alternative", AlternativeNames.All), ("mask", catalog.Masks), ("null", catalog.Nulls), ("within", variables),
            ("cv", catalog.Cv), ("parcellation", catalog.Parcellations.Select(known => known.Name)),
        })
        {
            if (fields.Text(name) is { } value && !known.Contains(value, StringComparer.Ordinal))
                gone.Add($"{name} {value}");
        }

        var covariates = fields.Covariates.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)
            .ToLookup(name => variables.Contains(name, StringComparer.Ordinal) || outcomes.Contains(name, StringComparer.Ordinal));
        gone.AddRange(covariates[false].Select(name => $"covariate {name}"));
        return new Chosen(fields)
        {
            Covariates = [.. covariates[true]],
            OtherCovariates = string.Join(',', covariates[false]),
            Filters = filters?.Others ?? asked.Text("filters") ?? "",
            // If something was sent, the node tells by itself what is wrong with it.
            Gone = sent is null ? gone : [],
        };
    }

    private static PageFields Read(IQueryCollection query)
    {
        var fields = new PageFields();
        foreach (var (name, value) in query.SelectMany(part => part.Value, (part, value) => (part.Key, Value: value ?? "")).Where(part => part.Value.Length <= LongestValue).Take(MostValues))
        {
            if (name != PageFields.Once && (CohortForm.Names.Contains(name) || PageFields.Has(name)))
                fields.Add(name, value);
        }

        return fields;
    }

    /// <summary>The boxes and edges that the filters mean, and as JSON the filters that have none; null when they are no JSON object.</summary>
    private static (PageFields Boxes, string Others)? Spread(string filters, CatalogAnswer catalog, List<string> gone)
    {
        try
        {
            using var read = JsonDocument.Parse(filters);
            using var buffer = new MemoryStream();
            var boxes = new PageFields();
            using (var rest = new Utf8JsonWriter(buffer))
            {
                rest.WriteStartObject();
                foreach (var filter in read.RootElement.EnumerateObject())
                    Spread(filter, catalog.Variables.FirstOrDefault(variable => variable.Name == filter.Name), boxes, rest, gone);
                rest.WriteEndObject();
            }

            return (boxes, Encoding.UTF8.GetString(buffer.ToArray()) is var left and not "{}" ? left : "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            gone.Add("filters: they are no JSON object");
            return null;
        }
    }

    private static void Spread(JsonProperty filter, CatalogVariable? variable, PageFields into, Utf8JsonWriter rest, List<string> gone)
    {
        if (variable is CatalogVariable.Category category && filter.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Array)
        {
            JsonElement[] levels = filter.Value.ValueKind == JsonValueKind.Array ? [.. filter.Value.EnumerateArray()] : [filter.Value];
            var unknown = new List<string>();
            foreach (var level in levels.Select(level => level.ToString()))
            {
                if (category.Levels.Contains(level))
                    into.Add(PageFields.Level + category.Name, level);
                else
                    unknown.Add(level);
            }

            if (unknown.Count == 0)
                return;
            rest.WriteStartArray(category.Name);
            unknown.ForEach(rest.WriteStringValue);
            rest.WriteEndArray();
            gone.AddRange(unknown.Select(level => $"{category.Name} {level}"));
        }
        else if (variable is CatalogVariable.Number { Bins: var bins } && filter.Value is { ValueKind: JsonValueKind.Object } range
            && range.EnumerateObject().ToList() is [_, ..] ends && ends.TrueForAll(end => end.Name is "min" or "max" && end.Value.ValueKind == JsonValueKind.Number && bins.Contains(end.Value.GetDouble())))
        {
            foreach (var end in ends)
                into.Add((end.Name == "min" ? PageFields.Min : PageFields.Max) + filter.Name, Edge(end.Value.GetDouble()));
        }
        else
        {
            filter.WriteTo(rest);
            gone.Add($"{filter.Name} {filter.Value.GetRawText()}");
        }
    }

    /// <summary>An edge as the form's fields have it.</summary>
    public static string Edge(double edge) => edge.ToString(CultureInfo.InvariantCulture);
}
