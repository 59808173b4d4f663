namespace Lazaret.Fhir.Units;

/// <summary>What a term of UCUM comes to: a factor and exponents, and beside them what a clinician would tell apart.</summary>
/// <param name="Factor">To the base units; of a special unit, that of the unit its function takes.</param>
/// <param name="Arbitrary">Exponents of arbitrary units, by code: each is a dimension of its own (§24).</param>
/// <param name="Special">Function and α of a special unit.</param>
/// <param name="Traits">Beyond what UCUM knows.</param>
/// <param name="IsNumber">Nothing but digits, and powers of ten.</param>
internal sealed record Meaning(
    Ratio Factor, Dimension Dimension, Exponents Arbitrary, (UnitScale Scale, Ratio Alpha)? Special, Traits Traits, bool IsNumber)
{
    public static Meaning One { get; } = Number(Ratio.One);

    public static Meaning Number(Ratio number) => new(number, Dimension.None, Exponents.None, null, Traits.None, IsNumber: true);

    /// <summary>The product; null when it is too large, or a special unit meets another unit (§22).</summary>
    public Meaning? Times(Meaning other)
    {
        if (Special is not null)
            return Scaled(other);
        if (other.Special is not null)
            return other.Scaled(this);
        var dimension = Dimension + other.Dimension;
        return Factor.Times(other.Factor) is { } factor && dimension.IsSmall
            ? new(factor, dimension, Arbitrary.Plus(other.Arbitrary), null, Traits.Plus(other.Traits), IsNumber && other.IsNumber)
            : null;
    }

    /// <summary>The power; null when it is too large, or a special unit's.</summary>
    public Meaning? Power(int exponent)
    {
        if (exponent == 1)
            return this;
        return Special is null && Factor.Power(exponent) is { } factor && Dimension.IsSmall && (Dimension * exponent).IsSmall
            ? new(factor, Dimension * exponent, Arbitrary.Times(exponent), null, Traits.Times(exponent), IsNumber)
            : null;
    }

    /// <summary>Under a prefix: a special unit's α is scaled, not what its function is of.</summary>
    public Meaning? Prefixed(Ratio prefix) => Times(Number(prefix)) is { } product ? product with { IsNumber = false } : null;

    private Meaning? Scaled(Meaning other) => other.IsNumber && Special is var (scale, alpha) && alpha.Times(other.Factor) is { } scaled
        ? this with { Special = (scale, scaled), Traits = Traits.Plus(other.Traits) }
        : null;
}
