using System.Globalization;

namespace Lazaret.Cohort.Nifti;

/// <summary>What rounding to single precision takes from a map: all of its values, where they are tiny, or the digits in which they differ, where a large number was added to all.</summary>
internal sealed class SingleRounding
{
    /// <summary>The smallest number that single precision has with all its digits, 2^-126.</summary>
    private const double Smallest = 1.17549435e-38;

    /// <summary>So large a share of the standard deviation changes a correlation in the fourth digit.</summary>
    private const double MostLost = 1e-4;

    /// <summary>Values that are so near to each other are one number with the noise of double precision, as inside a mask that was resampled.</summary>
    private const double Noise = 1e-10;

    private double _first;
    private double _sum;
    private double _squares;
    private double _lost;
    private double _largest;
    private long _count;

    /// <summary>A value and what it becomes. Zeros are left out: they are the background, and an offset may have been added to the brain alone.</summary>
    public void Add(double value, float rounded)
    {
        if (value == 0 || !double.IsFinite(value))
            return;
        if (_count++ == 0)
            _first = value;
        var (apart, lost) = (value - _first, value - rounded);
        _sum += apart;
        _squares += apart * apart;
        _lost += lost * lost;
        _largest = Math.Max(_largest, Math.Abs(value));
    }

    /// <summary>Whether all that is not 0 is below what single precision holds.</summary>
    public bool IsTiny => _largest is > 0 and < Smallest;

    /// <summary>Why the rounded values are another map's; null where they are not.</summary>
    public string? Why()
    {
        if (_count < 2 || IsTiny)
            return null;
        var mean = _sum / _count;
        var deviation = Math.Sqrt(Math.Max(0, (_squares / _count) - (mean * mean)));
        var offset = Math.Abs(_first + mean);
        return deviation > Noise * offset && Math.Sqrt(_lost / _count) > MostLost * deviation
            ? string.Create(CultureInfo.InvariantCulture, $"its values are {_first + mean:g3} on average and differ by {deviation:g3} (standard deviation), which single precision, in which maps are compared, does not hold: subtract the offset")
            : null;
    }
}
