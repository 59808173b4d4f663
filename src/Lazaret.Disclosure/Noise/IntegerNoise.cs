using System.Numerics;

namespace Lazaret.Disclosure.Noise;

/// <summary>Integer noise, sampled exactly.</summary>
/// <remarks>C. Canonne, G. Kamath, T. Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1 to 3.</remarks>
public static class IntegerNoise
{
    /// <summary>The scale of Laplace noise: Δ/ε.</summary>
    public static Rational LaplaceScale(long sensitivity, Rational epsilon) => new Rational(sensitivity, 1) / epsilon;

    /// <summary>The variance of Gaussian noise: Δ²/2ρ.</summary>
    public static Rational GaussianVariance(long sensitivity, Rational rho) => new Rational(BigInteger.Pow(sensitivity, 2), 2) / rho;

    /// <summary>A random integer with P(x) ∝ exp(−|x|/scale). With scale Δ/ε it is ε-differentially private for sensitivity Δ.</summary>
    public static BigInteger Laplace(KeyedStream stream, Rational scale)
    {
        // Draws a geometric number of parameter exp(−1/t) as remainder u and quotient v by t, then divides it by s; scale = t/s.
        var (t, s) = (scale.Numerator, scale.Denominator);
        while (true)
        {
            var u = stream.Below(t);
            if (!HappensExp(stream, new Rational(u, t)))
                continue;
            var v = BigInteger.Zero;
            while (HappensExp(stream, BigInteger.One))
                v++;
            var magnitude = (u + t * v) / s;
            // The published test vectors read the bit 1 as a minus.
            var negative = !Happens(stream, new Rational(1, 2));
            if (negative && magnitude.IsZero)
                continue;
            return negative ? -magnitude : magnitude;
        }
    }

    /// <summary>A random integer with P(x) ∝ exp(−x²/2σ²). With σ² = Δ²/2ρ it is ρ-zCDP for sensitivity Δ.</summary>
    public static BigInteger Gaussian(KeyedStream stream, Rational variance)
    {
        var t = FloorOfRoot(variance) + 1;
        while (true)
        {
            var y = Laplace(stream, t);
            // The exponent is (|y| − σ²/t)²/2σ².
            var magnitude = BigInteger.Abs(y);
            var difference = magnitude * t * variance.Denominator - variance.Numerator;
            var exponent = new Rational(difference * difference, t * t * variance.Denominator * variance.Numerator * 2);
            if (HappensExp(stream, exponent))
                return y;
        }
    }

    /// <summary>True with probability <paramref name="p"/>.</summary>
    internal static bool Happens(KeyedStream stream, Rational p) => stream.Below(p.Denominator) < p.Numerator;

    /// <summary>True with probability exp(−<paramref name="gamma"/>).</summary>
    internal static bool HappensExp(KeyedStream stream, Rational gamma)
    {
        for (; gamma.Numerator > gamma.Denominator; gamma = new Rational(gamma.Numerator - gamma.Denominator, gamma.Denominator))
        {
            if (!HappensExpUpToOne(stream, BigInteger.One))
                return false;
        }

        return HappensExpUpToOne(stream, gamma);
    }

    private static bool HappensExpUpToOne(KeyedStream stream, Rational gamma)
    {
        var k = 1;
        while (Happens(stream, gamma / (BigInteger)k))
            k++;
        return k % 2 == 1;
    }

    private static BigInteger FloorOfRoot(Rational value)
    {
        var whole = value.Numerator / value.Denominator;
        var (low, high) = (BigInteger.Zero, BigInteger.One << (int)(whole.GetBitLength() / 2 + 1));
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (middle * middle <= whole)
                low = middle;
            else
                high = middle;
        }

        return low;
    }
}
