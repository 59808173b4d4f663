namespace Lazaret.Fhir.Units;

/// <summary>
/// The function of a special unit: a quantity m has the value f(m / u) / α, where u is the unit that the table gives for it, and
/// α what prefixes and numbers make of it (UCUM §21, §22).
/// </summary>
internal abstract record UnitScale
{
    private UnitScale()
    {
    }

    /// <param name="name">As the table writes it.</param>
    public static UnitScale Of(string name) => name switch
    {
        "Cel" => new Affine(new Ratio(27315, 100)),
        "degF" => new Affine(new Ratio(45967, 100)),
        "degRe" => new Affine(new Ratio(21852, 100)),
        "ln" => new Logarithm(Math.E, 1),
        "lg" => new Logarithm(10, 1),
        "lgTimes2" => new Logarithm(10, 2),
        "ld" => new Logarithm(2, 1),
        "pH" or "hpX" => new Logarithm(10, -1),
        "hpC" => new Logarithm(100, -1),
        "hpM" => new Logarithm(1000, -1),
        "hpQ" => new Logarithm(50_000, -1),
        "tanTimes100" or "100tan" => new Slope(),
        "sqrt" => new Root(),
        _ => throw new InvalidDataException($"the embedded table has a function {name} that this program does not know"),
    };

    /// <summary>f; NaN where it has no value.</summary>
    /// <param name="number">What it is of.</param>
    /// <param name="exact">The same with more digits, where a decimal can hold it: near the function's zeros and poles a double's do not suffice.</param>
    public abstract double Apply(double number, decimal? exact);

    /// <summary>f's inverse.</summary>
    public abstract double Invert(double value);

    /// <summary>f(x) = x - offset.</summary>
    public sealed record Affine(Ratio Offset) : UnitScale
    {
        public override double Apply(double number, decimal? exact) => number - (double)Offset;

        public override double Invert(double value) => value + (double)Offset;
    }

    /// <summary>f(x) = times · log x.</summary>
    public sealed record Logarithm(double Base, int Times) : UnitScale
    {
        public override double Apply(double number, decimal? exact)
        {
            if (number <= 0)
                return double.NaN;
            if (exact is > 0.5m and < 2m)
            {
                // ln x = 2 artanh((x - 1) / (x + 1)), which keeps its digits where x is near 1.
                var near = (double)((exact.Value - 1) / (exact.Value + 1));
                return Times * 2 * Math.Atanh(near) / Math.Log(Base);
            }

            return Times * Base switch
            {
                10 => Math.Log10(number),
                2 => Math.Log2(number),
                _ => Math.Log(number) / Math.Log(Base),
            };
        }

        public override double Invert(double value) => Math.Pow(Base, value / Times);

        /// <summary>The natural logarithm of the quantity with this value.</summary>
        public double LogOf(double value) => value / OfLog;

        /// <summary>Turns a natural logarithm into a value.</summary>
        public double OfLog => Times / Math.Log(Base);
    }

    /// <summary>f(x) = 100 tan x, of an angle between -90° and 90°.</summary>
    public sealed record Slope : UnitScale
    {
        private const decimal HalfPi = 1.5707963267948966192313216916m;

        public override double Apply(double number, decimal? exact)
        {
            if (Math.Abs(number) >= Math.PI / 2)
                return double.NaN;
            return exact is { } angle && Math.Abs(number) > Math.PI / 4
                ? Math.Sign(number) * 100 / Math.Tan((double)(HalfPi - Math.Abs(angle)))
                : 100 * Math.Tan(number);
        }

        public override double Invert(double value) => Math.Atan(value / 100);
    }

    /// <summary>f(x) = √x.</summary>
    public sealed record Root : UnitScale
    {
        public override double Apply(double number, decimal? exact) => Math.Sqrt(number);

        public override double Invert(double value) => value * value;
    }
}
