
namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>A parsed FHIRPath expression (http://hl7.org/fhirpath/N1): the part of the language that R4's invariants use.</summary>
internal abstract class Expression
{
    /// <summary>The result over <paramref name="input"/>, whose items are each <c>$this</c> of a nested criterion.</summary>
    public abstract List<Item> Evaluate(Scope scope, List<Item> input);

    /// <summary>Nothing in it looks at <c>$this</c>.</summary>
    public virtual bool IsConstant => false;

    /// <summary>As a condition: null for an empty result; a lone item that is no boolean counts as true.</summary>
    public virtual bool? Test(Scope scope, List<Item> input)
    {
        var result = Evaluate(scope, input);
        return result.Count == 0 ? null : scope.ValueOf(result[0]) is not bool value || result.Count > 1 || value;
    }

    /// <summary>No result is ever added to, so that all empty ones are the same.</summary>
    protected static List<Item> None { get; } = [];

    protected static List<Item> One(object? value) => value is null ? None : [Item.Of(value)];
}

internal sealed class Literal(object value) : Expression
{
    public object Value => value;

    public override bool IsConstant => true;

    public override List<Item> Evaluate(Scope scope, List<Item> input) => One(value);
}

/// <summary><c>$this</c>.</summary>
internal sealed class This : Expression
{
    public override List<Item> Evaluate(Scope scope, List<Item> input) => input;
}

/// <summary><c>%resource</c> and <c>%context</c>.</summary>
internal sealed class Variable(bool isResource) : Expression
{
    public override bool IsConstant => true;

    public override List<Item> Evaluate(Scope scope, List<Item> input) => [Item.Of(isResource ? scope.Resource : scope.Context)];
}

/// <summary>The children of that name; the name of the context's own type is the context itself.</summary>
internal sealed class Member(string name) : Expression
{
    public string Name => name;

    /// <summary>The name is not that of the item's own type.</summary>
    public bool IsChildOf(Scope scope, Item item) => !char.IsAsciiLetterUpper(name[0]) || scope.TypeNameOf(item) != name;

    public override List<Item> Evaluate(Scope scope, List<Item> input)
    {
        List<Item>? output = null;
        foreach (var item in input)
        {
            if (!item.IsNode)
                continue;
            if (!IsChildOf(scope, item))
                (output ??= []).Add(item);
            else if (scope.HasChild(item.Node, name))
                scope.AddChildren(item.Node, name, output ??= []);
        }

        return output ?? None;
    }
}

internal sealed class Chain(Expression left, Expression right) : Expression
{
    public override bool IsConstant { get; } = left.IsConstant && right is Member or Function { HasConstantArguments: true };

    public override List<Item> Evaluate(Scope scope, List<Item> input) =>
        IsConstant ? scope.Once(this, () => Follow(scope, input)) : Follow(scope, input);

    public override bool? Test(Scope scope, List<Item> input)
    {
        if (right is not Function function)
            return base.Test(scope, input);
        // Most invariants begin by asking for a child, and most resources answer there: no list is made for it.
        if (left is Member member && input is [{ IsNode: true } item] && function.Presence is { } wanted && member.IsChildOf(scope, item))
            return scope.HasChild(item.Node, member.Name) == wanted;
        if (function.IsNegation)
            return !left.Test(scope, input);
        return function.Decide(scope, left.Evaluate(scope, input), input);
    }

    private List<Item> Follow(Scope scope, List<Item> input)
    {
        var items = left.Evaluate(scope, input);
        if (items.Count == 0 && right is Member or Function { IsFilter: true })
            return None;
        return right is Function function ? function.Apply(scope, items, input) : right.Evaluate(scope, items);
    }
}

/// <summary>and, or, xor, implies: with three values.</summary>
internal sealed class Logic(string name, Expression left, Expression right) : Expression
{
    public override List<Item> Evaluate(Scope scope, List<Item> input) => One(Test(scope, input));

    public override bool? Test(Scope scope, List<Item> input)
    {
        var first = left.Test(scope, input);
        switch (name)
        {
            case "and" or "implies" when first == false:
                return name == "implies";
            case "or" when first == true:
                return true;
        }

        var second = right.Test(scope, input);
        return name switch
        {
            "and" => second == false ? false : first & second,
            "or" => first | second,
            "xor" => first ^ second,
            _ => second == true ? true : !first | second,
        };
    }
}

/// <summary>=, !=, &lt;, &gt;, &lt;=, &gt;=: empty when either side is.</summary>
internal sealed class Comparison(string name, Expression left, Expression right) : Expression
{
    public override List<Item> Evaluate(Scope scope, List<Item> input) => One(Test(scope, input));

    public override bool? Test(Scope scope, List<Item> input)
    {
        var (first, second) = (left.Evaluate(scope, input), right.Evaluate(scope, input));
        if (first.Count == 0 || second.Count == 0)
            return null;
        if (name is "=" or "!=")
        {
            var areEqual = first.Count == second.Count && first.Zip(second).All(pair => Values.AreEqual(scope, pair.First, pair.Second));
            return areEqual == (name == "=");
        }

        return Values.Compare(scope, first[0], second[0]) is not { } order || name switch
        {
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            _ => order >= 0,
        };
    }
}

/// <summary>x in y, and y contains x.</summary>
internal sealed class Membership(Expression one, Expression many) : Expression
{
    private readonly HashSet<object>? _literals = many is Union union ? union.Literals()?.ToHashSet() : null;

    public override List<Item> Evaluate(Scope scope, List<Item> input)
    {
        var items = one.Evaluate(scope, input);
        return items.Count == 0 ? [] : One((_literals ?? scope.Keys(many, input)).Contains(Values.Key(scope, items[0])));
    }
}

/// <summary>x | y.</summary>
internal sealed class Union(Expression left, Expression right) : Expression
{
    /// <summary>Their values, when nothing but literals is put together.</summary>
    public IEnumerable<object>? Literals() => LiteralsOf(left) is { } first && LiteralsOf(right) is { } second ? first.Concat(second) : null;

    public override bool IsConstant { get; } = left.IsConstant && right.IsConstant;

    public override List<Item> Evaluate(Scope scope, List<Item> input)
    {
        var seen = new HashSet<object>();
        return [.. left.Evaluate(scope, input).Concat(right.Evaluate(scope, input)).Where(item => seen.Add(Values.Key(scope, item)))];
    }

    private static IEnumerable<object>? LiteralsOf(Expression side) => side switch
    {
        Literal literal => [literal.Value],
        Union union => union.Literals(),
        _ => null,
    };
}

/// <summary>x &amp; y, x + y: numbers are added, anything else is put together as text.</summary>
internal sealed class Addition(string name, Expression left, Expression right) : Expression
{
    public override bool IsConstant { get; } = left.IsConstant && right.IsConstant;

    public override List<Item> Evaluate(Scope scope, List<Item> input) =>
        IsConstant ? scope.Once(this, () => Add(scope, input)) : Add(scope, input);

    private List<Item> Add(Scope scope, List<Item> input)
    {
        var (first, second) = (left.Evaluate(scope, input), right.Evaluate(scope, input));
        if (name == "+")
        {
            if (first.Count == 0 || second.Count == 0)
                return [];
            if (scope.ValueOf(first[0]) is decimal one && scope.ValueOf(second[0]) is decimal two)
                return One(one + two);
        }

        return One(scope.Text(first) + scope.Text(second));
    }
}

/// <summary>x is T, x as T: an item of another type is left out.</summary>
internal sealed class TypeTest(Expression left, string type, bool isCast) : Expression
{
    public override List<Item> Evaluate(Scope scope, List<Item> input)
    {
        var items = left.Evaluate(scope, input);
        return isCast ? items.FindAll(item => Values.IsOfType(scope, item, type))
            : items.Count == 0 ? []
            : One(Values.IsOfType(scope, items[0], type));
    }
}
