using System.Numerics;

namespace Lazaret.Fhir.Units;

/// <summary>(value · times + plus) / over, in whole numbers.</summary>
internal sealed class LinearConversion
{
    private const decimal Smallest = 0.0000000001m;

    private readonly BigInteger _times;
    private readonly BigInteger _plus;
    private readonly BigInteger _over;

    // The same as decimals; over is 0 where they do not fit.
    private readonly decimal _timesDecimal;
    private readonly decimal _plusDecimal;
    private readonly decimal _overDecimal;
    private readonly decimal _largest;

    private LinearConversion(Ratio times, Ratio plus)
    {
        var denominator = times.Denominator * plus.Denominator / BigInteger.GreatestCommonDivisor(times.Denominator, plus.Denominator);
        (_times, _plus, _over) = (times.Numerator * denominator / times.Denominator, plus.Numerator * denominator / plus.Denominator, denominator);
        // Half a decimal's range for the product and half for what is added, so that no sum overflows.
        const decimal half = decimal.MaxValue / 2;
        if (BigInteger.Max(BigInteger.Max(BigInteger.Abs(_times), BigInteger.Abs(_plus)), _over) >= (BigInteger)half)
            return;
        (_timesDecimal, _plusDecimal, _overDecimal) = ((decimal)_times, (decimal)_plus, (decimal)_over);
        _largest = half / _timesDecimal;
    }

    /// <summary>Of two ordinary units, or of scales with an offset; null for any other function.</summary>
    public static LinearConversion? Of(Meaning from, Meaning to, Ratio factor)
    {
        var (fromAlpha, fromOffset) = Line(from);
        var (toAlpha, toOffset) = Line(to);
        if (fromOffset is not { } start || toOffset is not { } end)
            return null;
        // m = u (α v + offset) on both sides.
        return new(factor * fromAlpha / toAlpha, ((factor * start) - end) / toAlpha);
    }

    public Ratio Convert(Ratio value) => new((value.Numerator * _times) + (value.Denominator * _plus), value.Denominator * _over);

    public bool TryConvert(decimal value, out decimal converted)
    {
        if (_overDecimal == 0 || Math.Abs(value) > _largest)
            return TryConvertWide(value, out converted);
        var product = value * _timesDecimal;
        var sum = product + _plusDecimal;
        // A decimal that runs out of digits gives up places behind its point.
        if (product.Scale != value.Scale || sum.Scale != product.Scale)
            return TryConvertWide(value, out converted);
        converted = sum / _overDecimal;
        return sum == 0 || Math.Abs(converted) >= Smallest || TryConvertWide(value, out converted);
    }

    private bool TryConvertWide(decimal value, out decimal converted)
    {
        var exact = Convert(Ratio.Of(value)).ToDecimal();
        converted = exact ?? 0;
        return exact is not null;
    }

    private static (Ratio Alpha, Ratio? Offset) Line(Meaning meaning) => meaning.Special switch
    {
        null => (Ratio.One, new Ratio(0, 1)),
        (UnitScale.Affine affine, var alpha) => (alpha, affine.Offset),
        _ => (Ratio.One, null),
    };
}
