namespace Lazaret.Fhir.Units;

/// <summary>The exponents of UCUM's seven base units.</summary>
internal readonly record struct Dimension(int Length, int Time, int Mass, int Angle, int Temperature, int Charge, int Luminosity)
{
    private const int MaxExponent = 1000;

    public static Dimension None { get; }

    public static Dimension Of(string baseUnit) => baseUnit switch
    {
        "m" => new() { Length = 1 },
        "s" => new() { Time = 1 },
        "g" => new() { Mass = 1 },
        "rad" => new() { Angle = 1 },
        "K" => new() { Temperature = 1 },
        "C" => new() { Charge = 1 },
        "cd" => new() { Luminosity = 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(baseUnit), baseUnit, "no base unit"),
    };

    public static Dimension operator +(Dimension left, Dimension right) => new(
        left.Length + right.Length, left.Time + right.Time, left.Mass + right.Mass, left.Angle + right.Angle,
        left.Temperature + right.Temperature, left.Charge + right.Charge, left.Luminosity + right.Luminosity);

    public static Dimension operator *(Dimension dimension, int exponent) => new(
        dimension.Length * exponent, dimension.Time * exponent, dimension.Mass * exponent, dimension.Angle * exponent,
        dimension.Temperature * exponent, dimension.Charge * exponent, dimension.Luminosity * exponent);

    /// <summary>No exponent is beyond what any unit has a use for, so that sums and products of two cannot overflow.</summary>
    public bool IsSmall =>
        IsWithin(Length) && IsWithin(Time) && IsWithin(Mass) && IsWithin(Angle) && IsWithin(Temperature) && IsWithin(Charge) && IsWithin(Luminosity);

    private static bool IsWithin(int exponent) => exponent is >= -MaxExponent and <= MaxExponent;
}
