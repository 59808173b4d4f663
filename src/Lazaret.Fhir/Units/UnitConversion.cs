namespace Lazaret.Fhir.Units;

/// <summary>The comparison of one unit with another, prepared once. Immutable.</summary>
public sealed class UnitConversion
{
    private static readonly RecentCache<Pair, Reading> Recent = new(1024);

    // A linear one gives (value · times + plus) / over.
    private readonly LinearConversion? _linear;
    private readonly ScaledConversion? _scaled;

    private UnitConversion(Meaning from, Meaning to, decimal? molarMass)
    {
        IsCommensurable = from.Dimension == to.Dimension && from.Arbitrary.Equals(to.Arbitrary);
        AreEqual = IsCommensurable && from.Factor == to.Factor && from.Special == to.Special;
        var factor = from.Factor / to.Factor;
        if (IsCommensurable)
        {
            Verdict = UnitPolicy.Judge(from, to);
        }
        else if (molarMass > 0 && MolarFactor(from, to, Ratio.Of(molarMass.Value), out var masses) is { } molar)
        {
            Verdict = UnitPolicy.JudgeMolar(from, to, masses);
            factor *= molar;
        }
        else
        {
            return;
        }

        if (LinearConversion.Of(from, to, factor) is { } linear)
            _linear = linear;
        else
            _scaled = new ScaledConversion(from, to, factor);
    }

    /// <summary>Of the same dimension by the units alone, whatever a molar mass may add.</summary>
    public bool IsCommensurable { get; }

    /// <summary>Two ways to write one unit.</summary>
    public bool AreEqual { get; }

    public UnitVerdict Verdict { get; }

    /// <param name="from">The unit of the values.</param>
    /// <param name="to">The unit that they are wanted in.</param>
    /// <param name="molarMass">In g/mol, to go between mass and amount of substance; null when it is not known.</param>
    public static UnitConversion Of(UcumUnit from, UcumUnit to, decimal? molarMass = null) => new(from.Meaning, to.Meaning, molarMass);

    /// <summary>The same by codes, and remembered; null when one is no UCUM.</summary>
    public static UnitConversion? Find(string from, string to, decimal? molarMass = null) =>
        from.Length > UcumUnit.MaxLength || to.Length > UcumUnit.MaxLength ? null : Recent.GetOrAdd(new(from, to, molarMass), static pair => pair.Read()).Conversion;

    /// <summary>
    /// The value in the other unit: exact where it ends within a decimal's 28 digits, otherwise rounded to as many; functions (dB, [pH])
    /// give 15. Allocates nothing but for numbers near a decimal's ends.
    /// </summary>
    /// <returns>False when there is none, or none that a decimal holds to 12 digits.</returns>
    public bool TryConvert(decimal value, out decimal converted)
    {
        converted = 0;
        return _linear is not null ? _linear.TryConvert(value, out converted)
            : _scaled is not null && _scaled.TryConvert(value, out converted);
    }

    /// <summary>The value in the other unit, of any size, in decimal digits; null when there is none, or the text is no number.</summary>
    public string? Convert(ReadOnlySpan<char> value)
    {
        if (Ratio.Parse(value) is not { } number)
            return null;
        return _linear is not null ? DecimalText.Of(_linear.Convert(number))
            : _scaled?.Convert(number) is { } converted ? DecimalText.Of(converted)
            : null;
    }

    // grams → moles → UCUM's mol, which is a number.
    private static Ratio? MolarFactor(Meaning from, Meaning to, Ratio molarMass, out int masses)
    {
        masses = from.Dimension.Mass - to.Dimension.Mass;
        if (Math.Abs(masses) != 1 || from.Special is not null || to.Special is not null || !from.Arbitrary.Equals(to.Arbitrary)
            || from.Dimension != to.Dimension with { Mass = from.Dimension.Mass })
        {
            return null;
        }

        var perGram = UcumUnit.Parse("mol")!.Meaning.Factor / molarMass;
        return masses > 0 ? perGram : Ratio.One / perGram;
    }

    private readonly record struct Pair(string From, string To, decimal? MolarMass)
    {
        public Reading Read() => new(UcumUnit.Parse(From) is { } from && UcumUnit.Parse(To) is { } to ? Of(from, to, MolarMass) : null);
    }

    private sealed record Reading(UnitConversion? Conversion);
}
