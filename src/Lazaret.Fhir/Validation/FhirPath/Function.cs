using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>A function call over the items before its dot.</summary>
internal sealed class Function(string name, IReadOnlyList<Expression> arguments) : Expression
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "exists", "empty", "not", "count", "where", "select", "all", "isDistinct", "first", "tail", "hasValue", "matches", "startsWith",
        "contains", "substring", "replaceMatches", "toInteger", "toString", "children", "descendants", "combine", "intersect", "iif",
        "as", "is", "ofType", "trace", "memberOf",
    };

    private Regex? _pattern;

    public bool HasConstantArguments { get; } = arguments.All(argument => argument.IsConstant);

    /// <summary>True for a bare <c>exists()</c>, false for <c>empty()</c>.</summary>
    public bool? Presence { get; } = (name, arguments.Count) switch { ("exists", 0) => true, ("empty", 0) => false, _ => null };

    public bool IsNegation { get; } = name == "not";

    /// <summary>Makes nothing of nothing.</summary>
    public bool IsFilter { get; } = name is "where" or "select" or "first" or "tail" or "as" or "ofType";

    public static bool Exists(string name) => Known.Contains(name);

    public override List<Item> Evaluate(Scope scope, List<Item> input) => Apply(scope, input, input);

    public override bool? Test(Scope scope, List<Item> input) => Decide(scope, input, input);

    /// <param name="outer">What <c>$this</c> is outside the call: an argument that is no criterion is evaluated there.</param>
    public List<Item> Apply(Scope scope, List<Item> input, List<Item> outer)
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
            "combine" => [.. input, .. arguments[0].Evaluate(scope, outer)],
            "intersect" => Intersect(scope, input, outer),
            "iif" => arguments[0].Test(scope, input) == true ? arguments[1].Evaluate(scope, input)
                : arguments.Count > 2 ? arguments[2].Evaluate(scope, input) : [],
            "as" or "ofType" => input.FindAll(item => Values.IsOfType(scope, item, TypeName)),
            "count" => One((decimal)input.Count),
            "substring" or "replaceMatches" or "toString" or "toInteger" => input.Count == 0 ? [] : One(Transform(scope, input, outer)),
            _ => One(Decide(scope, input, outer)),
        };
    }

    public bool? Decide(Scope scope, List<Item> input, List<Item> outer) => name switch
    {
        "exists" => arguments.Count == 0 ? input.Count > 0 : input.Exists(item => arguments[0].Test(scope, [item]) == true),
        "empty" => input.Count == 0,
        "not" => input.Count == 0 ? null : scope.ValueOf(input[0]) is false,
        "all" => input.TrueForAll(item => arguments[0].Test(scope, [item]) == true),
        "isDistinct" => input.Select(item => Values.Key(scope, item)).Distinct().Count() == input.Count,
        "hasValue" => input.Count == 1 && scope.ValueOf(input[0]) is not null,
        "is" => input.Count == 0 ? null : Values.IsOfType(scope, input[0], TypeName),
        "memberOf" => input.Count == 0 ? null
            : R4.Definitions.ValueSets[Argument(scope, outer, 0)].Contains(Encoding.UTF8.GetBytes(scope.Text(input))),
        "matches" => input.Count == 0 ? null : Pattern(scope, outer).IsMatch(scope.Text(input)),
        "startsWith" => input.Count == 0 ? null : scope.Text(input).StartsWith(Argument(scope, outer, 0), StringComparison.Ordinal),
        "contains" => input.Count == 0 ? null : scope.Text(input).Contains(Argument(scope, outer, 0), StringComparison.Ordinal),
        _ => Apply(scope, input, outer) is { Count: > 0 } result ? result.Count > 1 || scope.ValueOf(result[0]) is not false : null,
    };

    private string TypeName => ((TypeSpecifier)arguments[0]).Name;

    private object? Transform(Scope scope, List<Item> input, List<Item> outer)
    {
        var text = scope.Text(input);
        switch (name)
        {
            case "substring":
                var start = (int)(decimal)scope.ValueOf(arguments[0].Evaluate(scope, outer)[0])!;
                return start < text.Length ? text[start..] : null;
            case "replaceMatches":
                return Regex.Replace(text, Argument(scope, outer, 0), Argument(scope, outer, 1), RegexOptions.NonBacktracking);
            case "toInteger":
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (decimal)number : null;
            default:
                return text;
        }
    }

    /// <summary>The whole text must match, as Java's matches() has it; the pattern is always a literal of the definitions.</summary>
    private Regex Pattern(Scope scope, List<Item> outer) =>
        _pattern ??= new Regex(@"\A(?:" + Argument(scope, outer, 0) + @")\z", RegexOptions.NonBacktracking);

    private string Argument(Scope scope, List<Item> outer, int index) => scope.Text(arguments[index].Evaluate(scope, outer));

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

    private List<Item> Intersect(Scope scope, List<Item> input, List<Item> outer)
    {
        var others = scope.Keys(arguments[0], outer);
        return input.FindAll(item => others.Contains(Values.Key(scope, item)));
    }
}

/// <summary>The argument of <c>is()</c>, <c>as()</c> and <c>ofType()</c>.</summary>
internal sealed class TypeSpecifier(string name) : Expression
{
    public override bool IsConstant => true;

    public string Name => name;

    public override List<Item> Evaluate(Scope scope, List<Item> input) => throw new NotSupportedException("a type is no value");
}
