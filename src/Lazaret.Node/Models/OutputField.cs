using System.Collections.Frozen;
using System.Text.Json;

namespace Lazaret.Node.Models;

/// <summary>A member that a model may answer with: the only ones that leave. The set of kinds is closed.</summary>
public abstract record OutputField
{
    /// <summary>One of these texts.</summary>
    public sealed record Enumeration(IReadOnlyList<string> Values) : OutputField
    {
        /// <summary>How urgent a card is that shows one of them, in CDS Hooks' words; info where nothing is said.</summary>
        public IReadOnlyDictionary<string, string> Indicators { get; init; } = FrozenDictionary<string, string>.Empty;
    }

    /// <summary>A finite number within the range.</summary>
    public sealed record Number(double Min, double Max, bool Whole) : OutputField;

    public sealed record Truth : OutputField;

    /// <summary>A text of at most so many UTF-16 units.</summary>
    public sealed record Text(int MaxLength) : OutputField;

    /// <summary>Whether a value that the model wrote is of this kind.</summary>
    public bool Accepts(JsonElement value) => this switch
    {
        Enumeration e => value.ValueKind == JsonValueKind.String && e.Values.Contains(value.GetString()!),
        Number n => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            && number >= n.Min && number <= n.Max && (!n.Whole || double.IsInteger(number)),
        Truth => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        Text t => value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= t.MaxLength,
        _ => throw new InvalidOperationException($"unknown field {GetType().Name}"),
    };
}
