using System.Globalization;
using System.Text;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>How items are told apart and put in order.</summary>
internal static class Values
{
    public static bool AreEqual(Scope scope, Item left, Item right) => Key(scope, left).Equals(Key(scope, right));

    /// <summary>Equal for equal items: the value of a primitive, the content of an object.</summary>
    public static object Key(Scope scope, Item item) => scope.ValueOf(item) ?? Content(scope, item.Node);

    /// <summary>Less than, equal to or above 0; null where the two cannot be compared, which fails nothing.</summary>
    public static int? Compare(Scope scope, Item left, Item right)
    {
        if (scope.TypeNameOf(left) is "Quantity" && scope.TypeNameOf(right) is "Quantity")
            return CompareQuantities(scope, left.Node, right.Node);
        return (scope.ValueOf(left), scope.ValueOf(right)) switch
        {
            (decimal one, decimal two) => one.CompareTo(two),
            (string { Length: <= 10 } one, string { Length: <= 10 } two) => CompareStarts(one, two),
            (string one, string two) when PossibleTime.Parse(one) is { } first && PossibleTime.Parse(two) is { } second =>
                first.Earliest > second.Latest ? 1 : second.Earliest > first.Latest ? -1 : 0,
            (string one, string two) => string.CompareOrdinal(one, two),
            (var one, var two) => LargeNumber.Compare(one, two),
        };
    }

    /// <summary>A type's name, with or without FHIR. or System. in front; System's names begin with a capital.</summary>
    public static bool IsOfType(Scope scope, Item item, string type) =>
        string.Equals(scope.TypeNameOf(item), type[(type.IndexOf('.', StringComparison.Ordinal) + 1)..], StringComparison.OrdinalIgnoreCase);

    /// <summary>Dates without an offset are of one place: the shorter one includes all days that it begins.</summary>
    private static int CompareStarts(string one, string two)
    {
        var length = Math.Min(one.Length, two.Length);
        return string.CompareOrdinal(one, 0, two, 0, length);
    }

    private static int? CompareQuantities(Scope scope, int left, int right)
    {
        foreach (var unit in new[] { "system", "code", "unit" })
        {
            if (scope.Tape.Text(scope.Tape.Child(left, unit)) != scope.Tape.Text(scope.Tape.Child(right, unit)))
                return null;
        }

        var (one, two) = (scope.Tape.Child(left, "value"), scope.Tape.Child(right, "value"));
        return one < 0 || two < 0 ? null : Compare(scope, Item.Of(one), Item.Of(two));
    }

    private static string Content(Scope scope, int node)
    {
        var text = new StringBuilder();
        Write(scope, node, text);
        return text.ToString();
    }

    /// <summary>The order of an object's properties means nothing, that of an array's items does: the sort is stable.</summary>
    private static void Write(Scope scope, int node, StringBuilder text)
    {
        var children = new List<Item>();
        scope.AddChildren(node, name: null, children);
        text.Append('{');
        foreach (var child in children.OrderBy(child => scope.Tape.NameOf(child.Node), StringComparer.Ordinal))
        {
            var value = scope.Tape.Text(child.Node) ?? "";
            scope.Spend(1 + (value.Length >> 6));
            text.Append(CultureInfo.InvariantCulture, $"{scope.Tape.NameOf(child.Node)}={value.Length}:{value}");
            Write(scope, child.Node, text);
        }

        text.Append('}');
    }
}
