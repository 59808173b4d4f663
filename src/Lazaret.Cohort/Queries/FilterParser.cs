using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Queries;

/// <summary>Reads the <c>filters</c> field; <see cref="QueryFields.Filters"/> says what it may hold.</summary>
internal static class FilterParser
{
    private const string Field = "filters";
    private const int MaxChars = 64 << 10;

    public static IReadOnlyList<Filter> Parse(string? text, Catalog catalog, Asker asker, FaultList<FieldFault> faults)
    {
        if (string.IsNullOrWhiteSpace(text))
            return [];
        if (text.Length > MaxChars)
        {
            faults.Add(new FieldFault(Field, $"more than {MaxChars} characters", []));
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return Parse(document.RootElement, catalog, asker, faults);
            faults.Add(new FieldFault(Field, "expected a JSON object", []));
        }
        catch (JsonException exception)
        {
            faults.Add(new FieldFault(Field, $"no JSON object, or nested too deeply (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1})", []));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape: JSON, but no text.
            faults.Add(new FieldFault(Field, "holds an escape that is no character", []));
        }

        return [];
    }

    private static List<Filter> Parse(JsonElement root, Catalog catalog, Asker asker, FaultList<FieldFault> faults)
    {
        var filters = new SortedDictionary<string, Filter?>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            var name = property.Name;
            var variable = catalog.Variables.FirstOrDefault(variable => variable.Name == name);
            if (variable is null)
                faults.Add((name, catalog), static of => new FieldFault(Field, $"unknown variable {Quoted.Text(of.name)}", [.. of.catalog.Variables.Select(known => known.Name)]));
            else if (!filters.TryAdd(name, Condition(variable, property.Value, asker, faults)))
                faults.Add(name, static name => new FieldFault(Field, $"{name} is there more than once", []));
        }

        return [.. filters.Values.OfType<Filter>()];
    }

    private static Filter? Condition(Variable variable, JsonElement value, Asker asker, FaultList<FieldFault> faults) => variable switch
    {
        Variable.Category category => Levels(category, value, faults),
        Variable.Number number when asker == Asker.Steward && value.ValueKind == JsonValueKind.Number => new Filter.EqualTo(number.Name, value.GetDouble()),
        Variable.Number number => Range(number, value, asker, faults),
        _ => throw new ArgumentOutOfRangeException(nameof(variable)),
    };

    private static Filter.OneOf? Levels(Variable.Category category, JsonElement value, FaultList<FieldFault> faults)
    {
        var levels = new SortedSet<string>(StringComparer.Ordinal);
        var before = faults.Total;
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        foreach (var item in items)
        {
            // A level such as 1 may come as a number, but only as the very text that the table has.
            var level = item.ValueKind switch
            {
                JsonValueKind.String => item.GetString(),
                JsonValueKind.Number => item.GetRawText(),
                _ => null,
            };
            if (level is null)
                faults.Add(category, static category => new FieldFault(Field, $"{category.Name} takes a value or a list of values", category.Levels));
            else if (category.Levels.Contains(level))
                levels.Add(level);
            else
                faults.Add((level, category), static of => new FieldFault(Field, $"unknown value {Quoted.Text(of.level)} of {of.category.Name}", of.category.Levels));
        }

        if (items.Length == 0)
            faults.Add(new FieldFault(Field, $"the list of {category.Name} is empty", category.Levels));
        return faults.Total == before ? new Filter.OneOf(category.Name, [.. levels]) : null;
    }

    private static Filter.Within? Range(Variable.Number number, JsonElement value, Asker asker, FaultList<FieldFault> faults)
    {
        string[] edges = [.. number.Bins.Select(edge => edge.ToString(CultureInfo.InvariantCulture))];
        if (value.ValueKind != JsonValueKind.Object)
            return Refuse($"{number.Name} takes {{\"min\":…,\"max\":…}} on its edges");
        var bounds = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var bound in value.EnumerateObject())
        {
            if (bound.Name is not ("min" or "max"))
                return Refuse($"{Quoted.Text(bound.Name)} of {number.Name} is unknown: it takes min and max");
            if (bound.Value.ValueKind != JsonValueKind.Number || (asker == Asker.Requester && !number.Bins.Contains(bound.Value.GetDouble())))
                return Refuse($"{bound.Name} of {number.Name} is none of its edges");
            if (!bounds.TryAdd(bound.Name, bound.Value.GetDouble()))
                return Refuse($"{bound.Name} of {number.Name} is there more than once");
        }

        var (first, last) = (number.Bins[0], number.Bins[^1]);
        var (min, max) = (bounds.GetValueOrDefault("min", first), bounds.GetValueOrDefault("max", last));
        if (bounds.Count == 0 || !(min < max))
            return Refuse($"{number.Name} needs a min below its max");
        return new Filter.Within(number.Name, min, max, MaxIncluded: max == last);

        Filter.Within? Refuse(string message)
        {
            faults.Add(new FieldFault(Field, message, edges));
            return null;
        }
    }
}
