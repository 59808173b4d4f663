namespace Lazaret.Fhir.Units;

/// <summary>One row of UCUM's table.</summary>
/// <param name="kind"><c>b</c>, <c>m</c> or <c>n</c>, then <c>a</c> and <c>s</c>: see the table's own head.</param>
/// <param name="value">How many of <paramref name="unit"/> it is.</param>
/// <param name="function">A special unit's.</param>
internal sealed class UnitAtom(string code, string kind, string value, string unit, string function)
{
    private Meaning? _meaning;

    public string Code => code;

    public bool IsMetric => kind[0] is 'b' or 'm';

    public bool IsArbitrary => kind.Contains('a', StringComparison.Ordinal);

    public bool IsSpecial => kind.Contains('s', StringComparison.Ordinal);

    // Two threads may both work it out, to the same end.
    public Meaning Meaning => _meaning ??= Resolve();

    private Meaning Resolve()
    {
        if (kind[0] == 'b')
            return Meaning.One with { Dimension = Dimension.Of(code), IsNumber = false };
        var definition = UnitParser.Parse(unit, out var fault)?.Prefixed(Ratio.Parse(value)!.Value)
            ?? throw new InvalidDataException($"the embedded table defines {code} by {value} {unit}: {fault}");
        var scale = IsSpecial ? UnitScale.Of(function) : null;
        return definition with
        {
            // The table names the radian for one slope and the degree for the other; the tangent is of the angle either way.
            Factor = scale is UnitScale.Slope ? Ratio.One : definition.Factor,
            Arbitrary = IsArbitrary && definition.Arbitrary.IsEmpty ? Exponents.Of(code) : definition.Arbitrary,
            Special = scale is null ? null : (scale, Ratio.One),
            Traits = definition.Traits.Named(code),
            IsNumber = code is "10*" or "10^",
        };
    }
}
