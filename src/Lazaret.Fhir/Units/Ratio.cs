using System.Globalization;
using System.Numerics;

namespace Lazaret.Fhir.Units;

/// <summary>An exact fraction in lowest terms; the denominator is above 0.</summary>
internal readonly record struct Ratio
{
    /// <summary>Of numerator and denominator each: some 2,400 digits, more than any unit has a use for.</summary>
    private const long MaxBits = 8192;

    private const int MaxDigits = 1000;
    private const int DecimalPlaces = 28;
    private const long FewestDigits = 100_000_000_000;
    private const int MaxExponent = 1000;

    public Ratio(BigInteger numerator, BigInteger denominator)
    {
        var common = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        Numerator = numerator / common;
        Denominator = denominator / common;
    }

    public static Ratio One { get; } = new(1, 1);

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public static implicit operator Ratio(BigInteger whole) => new(whole, 1);

    public static Ratio operator *(Ratio left, Ratio right) => new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    public static Ratio operator /(Ratio left, Ratio right) => new(left.Numerator * right.Denominator, left.Denominator * right.Numerator);

    public static Ratio operator +(Ratio left, Ratio right) =>
        new((left.Numerator * right.Denominator) + (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static Ratio operator -(Ratio left, Ratio right) => left + new Ratio(-right.Numerator, right.Denominator);

    public static explicit operator double(Ratio ratio) => ratio.ToDouble();

    public static Ratio Of(decimal number)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        var mantissa = ((BigInteger)(uint)parts[2] << 64) | ((BigInteger)(uint)parts[1] << 32) | (uint)parts[0];
        return new(number < 0 ? -mantissa : mantissa, BigInteger.Pow(10, number.Scale));
    }

    /// <summary>Reads <c>-1.5e-3</c>; null for anything else, and for what is too long to be worked with.</summary>
    public static Ratio? Parse(ReadOnlySpan<char> text)
    {
        var exponent = 0;
        if (text.IndexOfAny('e', 'E') is >= 0 and var at)
        {
            if (!int.TryParse(text[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs((long)exponent) > MaxExponent)
                return null;
            text = text[..at];
        }

        if (text.IndexOf('.') is >= 0 and var point)
        {
            exponent -= text.Length - point - 1;
            if (point == text.Length - 1 || !char.IsAsciiDigit(text[point + 1]))
                return null;
            text = string.Concat(text[..point], text[(point + 1)..]);
        }

        if (text.Length > MaxDigits || !BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digits))
            return null;
        return exponent < 0 ? new Ratio(digits, BigInteger.Pow(10, -exponent)) : new(digits * BigInteger.Pow(10, exponent), 1);
    }

    /// <summary>Null when the outcome would be too long; that is found out before the work is done.</summary>
    public Ratio? Power(int exponent)
    {
        var bits = Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength());
        if (bits * Math.Abs((long)exponent) > MaxBits)
            return null;
        var power = new Ratio(BigInteger.Pow(Numerator, Math.Abs(exponent)), BigInteger.Pow(Denominator, Math.Abs(exponent)));
        return exponent < 0 ? One / power : power;
    }

    /// <summary>The product; null when it is too long.</summary>
    public Ratio? Times(Ratio other)
    {
        var product = this * other;
        return Math.Max(product.Numerator.GetBitLength(), product.Denominator.GetBitLength()) > MaxBits ? null : product;
    }

    /// <summary>Rounded half away from 0 to 28 places, or fewer where the number is large; null where that leaves fewer than 12 digits, or it is too large.</summary>
    public decimal? ToDecimal()
    {
        for (var places = DecimalPlaces; places >= 0; places--)
        {
            var scaled = BigInteger.Abs(Numerator) * BigInteger.Pow(10, places);
            var digits = ((scaled * 2) + Denominator) / (Denominator * 2);
            if (digits > (BigInteger)decimal.MaxValue)
                continue;
            if (!Numerator.IsZero && digits < FewestDigits)
                return null;
            Span<int> parts = stackalloc int[4];
            decimal.GetBits((decimal)digits, parts);
            // Dividing a decimal by 1.000…0 takes the zeros off its end.
            return new decimal(parts[0], parts[1], parts[2], Numerator.Sign < 0, (byte)places) / 1.0000000000000000000000000000m;
        }

        return null;
    }

    /// <summary>The nearest double, also where numerator and denominator are beyond a double's range.</summary>
    private double ToDouble()
    {
        if (Numerator.IsZero)
            return 0;
        // 63 or 64 bits, and the last of them set where more would follow, so that the conversion of the whole number rounds rightly.
        var size = BigInteger.Abs(Numerator);
        var shift = (int)(size.GetBitLength() - Denominator.GetBitLength()) - 63;
        var (top, bottom) = shift < 0 ? (size << -shift, Denominator) : (size, Denominator << shift);
        var quotient = (ulong)BigInteger.DivRem(top, bottom, out var remainder);
        return double.ScaleB(remainder.IsZero ? quotient : quotient | 1, shift) * Numerator.Sign;
    }
}
