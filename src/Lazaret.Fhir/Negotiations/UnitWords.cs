using System.Text;
using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A UCUM unit as a person says it, to follow the name of what is measured.</summary>
internal static class UnitWords
{
    // Those that the parts do not make, or not as people say them.
    private static readonly Dictionary<string, string> Whole = new(StringComparer.Ordinal)
    {
        ["Cel"] = " in degrees Celsius",
        ["[degF]"] = " in degrees Fahrenheit",
        ["K"] = " in kelvin",
        ["mm[Hg]"] = " in millimeters of mercury (mmHg)",
        ["kPa"] = " in kilopascals",
        ["%"] = " in percent",
        ["[pH]"] = "",
        ["10*3/uL"] = " in thousands per microliter",
        ["10*9/L"] = " in billions per liter",
        ["10*6/uL"] = " in millions per microliter",
        ["10*12/L"] = " in trillions per liter",
    };

    private static readonly Dictionary<string, string> Parts = new(StringComparer.Ordinal)
    {
        ["g"] = "gram",
        ["mol"] = "mole",
        ["eq"] = "equivalent",
        ["osm"] = "osmole",
        ["L"] = "liter",
        ["m"] = "meter",
        ["m2"] = "square meter",
        ["U"] = "unit",
        ["[IU]"] = "international unit",
        ["[lb_av]"] = "pound",
        ["[in_i]"] = "inch",
        ["s"] = "second",
        ["min"] = "minute",
        ["h"] = "hour",
        ["d"] = "day",
        ["wk"] = "week",
        ["mo"] = "month",
        ["a"] = "year",
    };

    private static readonly Dictionary<char, string> Prefixes = new()
    {
        ['k'] = "kilo",
        ['d'] = "deci",
        ['c'] = "centi",
        ['m'] = "milli",
        ['u'] = "micro",
        ['n'] = "nano",
        ['p'] = "pico",
        ['f'] = "femto",
    };

    /// <summary><c> in milligrams per deciliter</c>, <c> per minute</c>; the unit itself where there are no words for it.</summary>
    public static string Of(string unit)
    {
        if (Whole.TryGetValue(unit, out var words))
            return words;
        if (UnitConversion.Find("1", unit) is { AreEqual: true })
            return ", as a number";
        return Say(unit) is { } said ? said : $" in {unit}";
    }

    private static string? Say(string unit)
    {
        var parts = unit.Split('/');
        var words = new StringBuilder();
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == 0 && parts[0] is "" or "1")
                continue;
            if (Part(parts[i], isMany: i == 0) is not { } word)
                return null;
            words.Append(i == 0 ? " in " : " per ").Append(word);
        }

        return words.Length > 0 ? words.ToString() : null;
    }

    private static string? Part(string part, bool isMany)
    {
        var (code, note) = part.EndsWith('}') && part.IndexOf('{', StringComparison.Ordinal) is >= 0 and var at ? (part[..at], Plain(part[(at + 1)..^1])) : (part, "");
        if (code.Length == 0)
            return note == "1.73 m2" ? "1.73 square meters" : note.Length > 0 ? note : null;
        var word = Parts.GetValueOrDefault(code)
            ?? (Prefixes.TryGetValue(code[0], out var prefix) && Parts.TryGetValue(code[1..], out var unit) && unit.IndexOf(' ', StringComparison.Ordinal) < 0 ? prefix + unit : null);
        if (word is null && code[0] is 'm' or 'u' && code[1..] is "[IU]")
            word = $"{Prefixes[code[0]]}-international unit";
        if (word is null)
            return null;
        var said = !isMany ? word : word == "inch" ? "inches" : $"{word}s";
        return note.Length > 0 ? $"{said} ({note})" : said;
    }

    // What stands in an annotation is words already.
    private static string Plain(string note) => note.Replace('_', ' ');
}
