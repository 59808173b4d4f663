using System.Numerics;
using System.Runtime.InteropServices;

namespace Lazaret.Disclosure.Noise;

/// <summary>An exact fraction that is not negative: no floating point is used for the noise of differential privacy.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Rational
{
    public Rational(BigInteger numerator, BigInteger denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numerator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        (Numerator, Denominator) = (numerator / divisor, denominator / divisor);
    }

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public static implicit operator Rational(BigInteger whole) => new(whole, BigInteger.One);

    /// <summary>The exact value of a decimal number.</summary>
    public static Rational Of(decimal value)
    {
        var bits = decimal.GetBits(value);
        var digits = new BigInteger(new decimal(bits[0], bits[1], bits[2], isNegative: false, scale: 0));
        return new Rational(value < 0 ? -digits : digits, BigInteger.Pow(10, (bits[3] >> 16) & 0xff));
    }

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Rational operator /(Rational a, Rational b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public double ToDouble() => Numerator.IsZero ? 0 : Math.Exp(BigInteger.Log(Numerator) - BigInteger.Log(Denominator));

    public override string ToString() => Denominator.IsOne ? $"{Numerator}" : $"{Numerator}/{Denominator}";
}
