using System.Globalization;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Programs;

/// <summary>
/// A YAML (or JSON) mapping that is read member by member: each fault is noted with its line and column, and a member
/// that nobody asked for is a fault too.
/// </summary>
internal sealed class YamlObject(YamlNode.Mapping node, string path, FaultList<string> faults)
{
    private const int MaxPlace = 200;
    private const int LongestMessage = 500;

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public string? Text(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value is YamlNode.Scalar { Text: { Length: > 0 } text })
            return text;
        Fault(value, name, value is YamlNode.Scalar ? "is empty" : "must be a text");
        return null;
    }

    public double? Number(string name, bool required = false) => Scalar(name, required, ParseNumber, "must be a number");

    public int? Whole(string name, int min, int max) => Scalar<int>(
        name,
        required: false,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null,
        string.Create(CultureInfo.InvariantCulture, $"must be a whole number between {min} and {max}"));

    public bool? Truth(string name) =>
        Scalar<bool>(name, required: false, text => text switch { "true" => true, "false" => false, _ => null }, "must be true or false");

    public T? Scalar<T>(string name, bool required, Func<string, T?> parse, string mustBe)
        where T : struct
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value is YamlNode.Scalar scalar && parse(scalar.Text) is { } parsed)
            return parsed;
        Fault(value, name, mustBe);
        return null;
    }

    public IReadOnlyList<string> Texts(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return [];
        if (value is YamlNode.Sequence { Items: var items } && items.All(item => item is YamlNode.Scalar { Text.Length: > 0 }) && (!required || items.Count > 0))
            return [.. items.Cast<YamlNode.Scalar>().Select(item => item.Text)];
        Fault(value, name, "must be a list of texts");
        return [];
    }

    /// <summary>A list of texts, or one text for a list of one.</summary>
    public IReadOnlyList<string> TextOrTexts(string name) =>
        Find(name, required: false) is YamlNode.Scalar { Text: { Length: > 0 } text } ? [text] : Texts(name);

    /// <summary>One of these texts; null where the member is not there.</summary>
    public string? Choice(string name, params IReadOnlyList<string> allowed)
    {
        if (Text(name) is not { } text || allowed.Contains(text, StringComparer.Ordinal))
            return Text(name);
        Fault(name, $"must be one of {string.Join(", ", allowed)}");
        return null;
    }

    /// <summary>A pair of numbers, the lower one first.</summary>
    public (decimal Min, decimal Max)? Range(string name)
    {
        if (Find(name, required: false) is not { } value)
            return null;
        if (value is YamlNode.Sequence { Items: [YamlNode.Scalar low, YamlNode.Scalar high] }
            && ParseDecimal(low.Text) is { } min && ParseDecimal(high.Text) is { } max && min <= max)
            return (min, max);
        Fault(value, name, "must be two numbers of at most 28 digits, [lowest, highest]");
        return null;
    }

    public YamlObject? Object(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value is YamlNode.Mapping mapping)
            return new YamlObject(mapping, Join(name), faults);
        Fault(value, name, "must be a mapping");
        return null;
    }

    public IEnumerable<YamlObject> Objects(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            yield break;
        if (value is not YamlNode.Sequence { Items: var items })
        {
            Fault(value, name, "must be a list");
            yield break;
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is YamlNode.Mapping mapping)
                yield return new YamlObject(mapping, $"{Join(name)}[{i}]", faults);
            else
                Fault(items[i], $"{name}[{i}]", "must be a mapping");
        }
    }

    /// <summary>Every member's name; the caller then asks for each.</summary>
    public IEnumerable<string> Names() => node.Members.Keys;

    /// <summary>Notes the members that nobody asked for.</summary>
    public void NoMore()
    {
        foreach (var (name, member) in node.Members)
        {
            if (!_asked.Contains(name))
                faults.Add((key: member.Key, name, yaml: this), static of => of.yaml.Line(of.key, of.name, $"no such member; there are {string.Join(", ", of.yaml._asked.Order(StringComparer.Ordinal))}"));
        }
    }

    public void Fault(string name, string message) => Fault(Find(name, required: false) ?? node, name, message);

    /// <summary>The root of a document.</summary>
    public static YamlObject? Parse(string text, FaultList<string> faults)
    {
        switch (YamlDocument.Parse(text, out var fault))
        {
            case YamlNode.Mapping root:
                return new YamlObject(root, "", faults);
            case null when fault is not null:
                faults.Add(Placed(fault.Line, fault.Column, fault.Message));
                return null;
            default:
                faults.Add(Placed(1, 1, "must be one mapping"));
                return null;
        }
    }

    /// <summary>A fault with its place, on one line of sensible length: a member's name may hold anything.</summary>
    internal static string Placed(int line, int column, string message) => string.Create(
        CultureInfo.InvariantCulture,
        $"line {line}, column {column}: {Quoted.Bare(message, LongestMessage)}");

    private YamlNode? Find(string name, bool required)
    {
        _asked.Add(name);
        if (node.Members.TryGetValue(name, out var member))
            return member.Value;
        if (required)
            Fault(node, name, "is missing");
        return null;
    }

    private void Fault(YamlNode at, string name, string message) => faults.Add((at, name, message, yaml: this), static of => of.yaml.Line(of.at, of.name, of.message));

    private string Line(YamlNode at, string name, string message) =>
        Placed(at.Line, at.Column, $"{Quoted.Bare(Join(name), MaxPlace)}: {message}");

    private string Join(string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";

    /// <summary>Null when it is no number, or has more digits before the point than a decimal holds.</summary>
    public static decimal? ParseDecimal(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
