using System.Globalization;
using System.Numerics;

namespace Lazaret.Fhir.Units;

/// <summary>Exact fractions in decimal digits.</summary>
internal static class DecimalText
{
    /// <summary>Digits of a number that does not end, or not within <see cref="MaxExactDigits"/>.</summary>
    private const int RoundedDigits = 28;

    private const int MaxExactDigits = 40;
    private const int MaxPlainZeros = 60;

    /// <summary>All digits where there are at most 40 of them, otherwise 28, rounded half to even.</summary>
    public static string Of(Ratio ratio)
    {
        if (ratio.Numerator.IsZero)
            return "0";
        var (digits, exponent) = Exact(ratio) is { } exact && Count(exact.Digits) <= MaxExactDigits ? exact : Round(ratio, RoundedDigits);
        return Write(digits, exponent);
    }

    /// <summary>The shortest decimal that is this double and no other.</summary>
    public static string Of(double number)
    {
        var ratio = Ratio.Parse(number.ToString("R", CultureInfo.InvariantCulture));
        return Of(ratio!.Value);
    }

    private static (BigInteger Digits, int Exponent)? Exact(Ratio ratio)
    {
        var (rest, places) = (ratio.Denominator, 0);
        foreach (var (factor, other) in ((int, int)[])[(10, 1), (5, 2), (2, 5)])
        {
            while (rest % factor == 0)
            {
                rest /= factor;
                places++;
            }
        }

        return rest.IsOne ? (ratio.Numerator * BigInteger.Pow(10, places) / ratio.Denominator, -places) : null;
    }

    private static (BigInteger Digits, int Exponent) Round(Ratio ratio, int significant)
    {
        var numerator = BigInteger.Abs(ratio.Numerator);
        var exponent = (int)Math.Floor(BigInteger.Log10(numerator) - BigInteger.Log10(ratio.Denominator)) - significant + 1;
        while (true)
        {
            var (top, bottom) = exponent < 0
                ? (numerator * BigInteger.Pow(10, -exponent), ratio.Denominator)
                : (numerator, ratio.Denominator * BigInteger.Pow(10, exponent));
            var digits = BigInteger.DivRem(top, bottom, out var remainder);
            var half = (remainder * 2).CompareTo(bottom);
            if (half > 0 || (half == 0 && !digits.IsEven))
                digits++;
            // The logarithm may be one off at a power of ten.
            if (Count(digits) <= significant || digits == BigInteger.Pow(10, significant))
                return (digits * ratio.Numerator.Sign, exponent);
            exponent++;
        }
    }

    private static int Count(BigInteger digits) => BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).Length;

    private static string Write(BigInteger digits, int exponent)
    {
        var sign = digits.Sign < 0 ? "-" : "";
        var text = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture);
        var trimmed = text.TrimEnd('0');
        exponent += text.Length - trimmed.Length;
        var point = trimmed.Length + exponent;
        if (exponent > MaxPlainZeros || point < -MaxPlainZeros)
            return $"{sign}{trimmed[0]}{(trimmed.Length > 1 ? "." : "")}{trimmed[1..]}e{point - 1}";
        return sign + (exponent >= 0 ? trimmed + new string('0', exponent)
            : point > 0 ? $"{trimmed[..point]}.{trimmed[point..]}"
            : $"0.{new string('0', -point)}{trimmed}");
    }
}
