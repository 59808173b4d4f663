using System.Globalization;
using System.Text.RegularExpressions;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>A function call over the items before its dot.</summary>
internal sealed class Function(string name, IReadOnlyList<Expression> arguments) : Expression
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "exists", "empty", "not", "count", "where", "select", "all", "isDistinct", "first", "tail", "hasValue", "matches", "startsWith",
        "contains", "substring", "replaceMatches", "toInteger", "toString", "children", "descendants", "combine", "intersect", "iif",
        "as", "is", "ofType", "trace",
    };

    private Regex? _pattern;

    public bool HasCriterion => arguments.Count > 0;

    public static bool Exists(string name) => Known.Contains(name);

    public override List<Item> Evaluate(Scope scope, List<Item> input)
    {
        scope.Spend(input.Count + 1);
        return name switch
        {
            "where" => input.FindAll(item => arguments[0].Test(scope, [item]) == true),
            "select" => [.. input.SelectMany(item => arguments[0].Evaluate(scope, [item]))],
            "first" => input.Count == 0 ? [] : [input[0]],
            "tail" => input.Count == 0 ? [] : input[1..],
            "trace" => input,
            "children" => Children(scope, input),
            "descendants" => Descendants(scope, input),
            "combine" => [.. input, .. arguments[0].Evaluate(scope, input)],
            "intersect" => Intersect(scope, input),
            "iif" => arguments[0].Test(scope, input) == true ? arguments[1].Evaluate(scope, input)
                : arguments.Count > 2 ? arguments[2].Evaluate(scope, input) : [],
            "as" or "ofType" => input.FindAll(item => Values.IsOfType(scope, item, TypeName)),
            "count" => One((decimal)input.Count),
            "substring" or "replaceMatches" or "toString" or "toInteger" => input.Count == 0 ? [] : One(Transform(scope, input)),
            _ => One(Test(scope, input)),
        };
    }

    public override bool? Test(Scope scope, List<Item> input) => name switch
    {
        "exists" => arguments.Count == 0 ? input.Count > 0 : input.Exists(item => arguments[0].Test(scope, [item]) == true),
        "empty" => input.Count == 0,
        "not" => input.Count == 0 ? null : scope.ValueOf(input[0]) is false,
        "all" => input.TrueForAll(item => arguments[0].Test(scope, [item]) == true),
        "isDistinct" => input.Select(item => Values.Key(scope, item)).Distinct().Count() == input.Count,
        "hasValue" => input.Count == 1 && scope.ValueOf(input[0]) is not null,
        "is" => input.Count == 0 ? null : Values.IsOfType(scope, input[0], TypeName),
        "matches" => input.Count == 0 ? null : Pattern(scope, input).IsMatch(Text(scope, input)),
        "startsWith" => input.Count == 0 ? null : Text(scope, input).StartsWith(Argument(scope, input, 0), StringComparison.Ordinal),
        "contains" => input.Count == 0 ? null : Text(scope, input).Contains(Argument(scope, input, 0), StringComparison.Ordinal),
        _ => base.Test(scope, input),
    };

    private string TypeName => ((TypeSpecifier)arguments[0]).Name;

    private object? Transform(Scope scope, List<Item> input)
    {
        var text = Text(scope, input);
        switch (name)
        {
            case "substring":
                var start = (int)(decimal)scope.ValueOf(arguments[0].Evaluate(scope, input)[0])!;
                return start < text.Length ? text[start..] : null;
            case "replaceMatches":
                return Regex.Replace(text, Argument(scope, input, 0), Argument(scope, input, 1), RegexOptions.NonBacktracking);
            case "toInteger":
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (decimal)number : null;
            default:
                return text;
        }
    }

    /// <summary>The whole text must match, as Java's matches() has it; the pattern is always a literal of the definitions.</summary>
    private Regex Pattern(Scope scope, List<Item> input) =>
        _pattern ??= new Regex(@"\A(?:" + Argument(scope, input, 0) + @")\z", RegexOptions.NonBacktracking);

    private string Argument(Scope scope, List<Item> input, int index) => Text(scope, arguments[index].Evaluate(scope, input));

    private static string Text(Scope scope, List<Item> items) =>
        items.Count == 0 ? "" : Convert.ToString(scope.ValueOf(items[0]), CultureInfo.InvariantCulture) ?? "";

    private static List<Item> Children(Scope scope, List<Item> input)
    {
        var output = new List<Item>();
        foreach (var item in input.Where(item => item.IsNode))
            scope.AddChildren(item.Node, name: null, output);
        return output;
    }

    private static List<Item> Descendants(Scope scope, List<Item> input)
    {
        var output = new List<Item>();
        foreach (var item in input.Where(item => item.IsNode))
        {
            var end = scope.Tape[item.Node].End;
            scope.Spend(end - item.Node);
            for (var node = item.Node + 1; node < end; node++)
                output.Add(Item.Of(node));
        }

        return output;
    }

    private List<Item> Intersect(Scope scope, List<Item> input)
    {
        var others = arguments[0].Evaluate(scope, input).Select(item => Values.Key(scope, item)).ToHashSet();
        return input.FindAll(item => others.Contains(Values.Key(scope, item)));
    }
}

/// <summary>The argument of <c>is()</c>, <c>as()</c> and <c>ofType()</c>.</summary>
internal sealed class TypeSpecifier(string name) : Expression
{
    public string Name => name;

    public override List<Item> Evaluate(Scope scope, List<Item> input) => throw new NotSupportedException("a type is no value");
}
