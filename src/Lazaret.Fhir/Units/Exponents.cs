using System.Collections.Immutable;

namespace Lazaret.Fhir.Units;

/// <summary>Names with exponents other than 0, in the names' order: equal when they say the same.</summary>
internal sealed class Exponents : IEquatable<Exponents>
{
    private readonly ImmutableSortedDictionary<string, int> _exponents;

    private Exponents(ImmutableSortedDictionary<string, int> exponents) => _exponents = exponents;

    public static Exponents None { get; } = new(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    public bool IsEmpty => _exponents.IsEmpty;

    public IEnumerable<string> Names => _exponents.Keys;

    public int this[string name] => _exponents.GetValueOrDefault(name);

    public static Exponents Of(string name) => new(None._exponents.Add(name, 1));

    public Exponents Plus(Exponents other)
    {
        if (other.IsEmpty)
            return this;
        var sum = _exponents.ToBuilder();
        foreach (var (name, exponent) in other._exponents)
        {
            var total = sum.GetValueOrDefault(name) + exponent;
            if (total == 0)
                sum.Remove(name);
            else
                sum[name] = total;
        }

        return new(sum.ToImmutable());
    }

    public Exponents Times(int exponent) =>
        exponent == 0 || IsEmpty ? None : new(_exponents.ToImmutableSortedDictionary(item => item.Key, item => item.Value * exponent, StringComparer.Ordinal));

    public Exponents Without(string name) => new(_exponents.Remove(name));

    public bool Equals(Exponents? other) => other is not null && _exponents.SequenceEqual(other._exponents);

    public override bool Equals(object? obj) => Equals(obj as Exponents);

    public override int GetHashCode() => _exponents.Aggregate(0, (hash, item) => HashCode.Combine(hash, item.Key, item.Value));
}
