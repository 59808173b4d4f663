using System.Globalization;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>What one evaluation may look at, and how much of it: every item that is touched costs a step.</summary>
internal sealed class Scope(NodeTape tape, FhirBudget budget)
{
    private const int Settlement = 256;

    /// <summary>Parts that do not depend on $this, by the expression they belong to: evaluated once.</summary>
    private readonly Dictionary<Expression, List<Item>> _constants = [];
    private readonly Dictionary<Expression, HashSet<object>> _keys = [];
    private long _steps;
    private int _unsettled;

    public NodeTape Tape => tape;

    /// <summary>The element whose invariant it is.</summary>
    public int Context { get; private set; }

    /// <summary>The resource that holds it.</summary>
    public int Resource { get; private set; }

    /// <summary>A new resource is on the tape; the steps allowed for all its invariants grow with it, linearly.</summary>
    public void Restart() => _steps = 2_000_000 + (200L * tape.Count);

    /// <summary>Steps are put together before they are counted: most invariants take one or two.</summary>
    public void Spend(int steps = 1)
    {
        if ((_unsettled += steps) > Settlement)
            Settle();
    }

    public void Focus(int context, int resource)
    {
        (Context, Resource) = (context, resource);
        if (_constants.Count > 0)
            _constants.Clear();
        if (_keys.Count > 0)
            _keys.Clear();
    }

    public List<Item> Once(Expression expression, Func<List<Item>> evaluate)
    {
        if (!_constants.TryGetValue(expression, out var items))
            _constants.Add(expression, items = evaluate());
        return items;
    }

    /// <summary>The keys of a list, to find items in it: those of a constant expression are put together once.</summary>
    public HashSet<object> Keys(Expression expression, List<Item> input)
    {
        if (_keys.TryGetValue(expression, out var keys))
            return keys;
        keys = [.. expression.Evaluate(this, input).Select(item => Values.Key(this, item))];
        if (expression.IsConstant)
            _keys.Add(expression, keys);
        return keys;
    }

    /// <summary>The value of the first of these as text; empty without one.</summary>
    public string Text(List<Item> items) => items.Count == 0 ? "" : Convert.ToString(ValueOf(items[0]), CultureInfo.InvariantCulture) ?? "";

    /// <summary>A node's own value, or the computed one: text, <see cref="bool"/>, <see cref="decimal"/> or <see cref="LargeNumber"/>; null without.</summary>
    public object? ValueOf(Item item)
    {
        if (!item.IsNode)
            return item.Value;
        ref var node = ref tape[item.Node];
        if (!node.HasValue)
            return null;
        if (node.Type == -1 - (int)PrimitiveKind.Boolean)
            return node.Value.Length == 4;
        Spend(1 + (node.Value.Length >> 6));
        var text = tape.Text(item.Node)!;
        var isNumber = (PrimitiveKind)(-1 - node.Type)
            is PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt;
        return isNumber ? LargeNumber.Read(text) ?? text : text;
    }

    public string TypeNameOf(Item item)
    {
        if (!item.IsNode)
            return item.Value switch { bool => "boolean", decimal or LargeNumber => "decimal", _ => "string" };
        return tape.TypeOf(item.Node)?.Name ?? Enum.GetName((PrimitiveKind)(-1 - tape[item.Node].Type))!;
    }

    public bool HasChild(int node, string name) => tape.Child(node, name) >= 0;

    public void AddChildren(int node, string? name, List<Item> output)
    {
        var end = tape[node].End;
        for (var child = tape.FirstChild(node); child < end; child = tape.NextChild(child, end))
        {
            Spend();
            if (name is null || tape.NameOf(child) == name)
                output.Add(Item.Of(child));
        }
    }

    private void Settle()
    {
        budget.Spend(_unsettled);
        _steps -= _unsettled;
        _unsettled = 0;
        if (_steps < 0)
            throw new TooCostlyException();
    }
}

/// <summary>An invariant would take more steps than a resource of that size is worth.</summary>
internal sealed class TooCostlyException : Exception;
