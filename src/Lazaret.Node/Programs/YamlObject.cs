using System.Globalization;
using Lazaret.Cohort;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lazaret.Node.Programs;

/// <summary>
/// A YAML (or JSON) mapping that is read member by member: each fault is noted with its line and column, and a member
/// that nobody asked for is a fault too.
/// </summary>
internal sealed class YamlObject(YamlMappingNode node, string path, FaultList<string> faults)
{
    private const int MaxPlace = 200;

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public string? Text(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value is YamlScalarNode { Value: { Length: > 0 } text })
            return text;
        Fault(value, name, "must be a text");
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
        if (value is YamlScalarNode { Value: { } text } && parse(text) is { } parsed)
            return parsed;
        Fault(value, name, mustBe);
        return null;
    }

    public IReadOnlyList<string> Texts(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return [];
        if (value is YamlSequenceNode list && list.All(item => item is YamlScalarNode { Value.Length: > 0 }) && (!required || list.Any()))
            return [.. list.Cast<YamlScalarNode>().Select(item => item.Value!)];
        Fault(value, name, "must be a list of texts");
        return [];
    }

    /// <summary>A pair of numbers, the lower one first.</summary>
    public (decimal Min, decimal Max)? Range(string name)
    {
        if (Find(name, required: false) is not { } value)
            return null;
        if (value is YamlSequenceNode { Children: [YamlScalarNode low, YamlScalarNode high] }
            && ParseDecimal(low.Value!) is { } min && ParseDecimal(high.Value!) is { } max && min <= max)
            return (min, max);
        Fault(value, name, "must be two numbers of at most 28 digits, [lowest, highest]");
        return null;
    }

    public YamlObject? Object(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value is YamlMappingNode mapping)
            return new YamlObject(mapping, Join(name), faults);
        Fault(value, name, "must be a mapping");
        return null;
    }

    public IEnumerable<YamlObject> Objects(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            yield break;
        if (value is not YamlSequenceNode list)
        {
            Fault(value, name, "must be a list");
            yield break;
        }

        for (var i = 0; i < list.Children.Count; i++)
        {
            if (list.Children[i] is YamlMappingNode mapping)
                yield return new YamlObject(mapping, $"{Join(name)}[{i}]", faults);
            else
                Fault(list.Children[i], $"{name}[{i}]", "must be a mapping");
        }
    }

    /// <summary>Every member's name; the caller then asks for each.</summary>
    public IEnumerable<string> Names() => node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value!);

    /// <summary>Notes the members that nobody asked for.</summary>
    public void NoMore()
    {
        foreach (var key in node.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name })
                Fault(key, "", "a member's name must be a text");
            else if (!_asked.Contains(name))
                faults.Add((key, name, yaml: this), static of => of.yaml.Line(of.key, of.name, $"no such member; there are {string.Join(", ", of.yaml._asked.Order(StringComparer.Ordinal))}"));
        }
    }

    public void Fault(string name, string message) => Fault(Find(name, required: false) ?? node, name, message);

    /// <summary>The root of a document.</summary>
    public static YamlObject? Parse(string text, FaultList<string> faults)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
                return new YamlObject(root, "", faults);
            faults.Add("line 1, column 1: must be one mapping");
        }
        catch (YamlException e)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {e.Start.Line}, column {e.Start.Column}: {Quoted.Bare(e.Message, MaxPlace)}"));
        }

        return null;
    }

    private YamlNode? Find(string name, bool required)
    {
        _asked.Add(name);
        if (node.Children.TryGetValue(new YamlScalarNode(name), out var value))
            return value;
        if (required)
            Fault(node, name, "is missing");
        return null;
    }

    private void Fault(YamlNode at, string name, string message) => faults.Add((at, name, message, yaml: this), static of => of.yaml.Line(of.at, of.name, of.message));

    private string Line(YamlNode at, string name, string message) =>
        string.Create(CultureInfo.InvariantCulture, $"line {at.Start.Line}, column {at.Start.Column}: {Quoted.Bare(Join(name), MaxPlace)}: {message}");

    private string Join(string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";

    /// <summary>Null when it is no number, or has more digits before the point than a decimal holds.</summary>
    public static decimal? ParseDecimal(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
