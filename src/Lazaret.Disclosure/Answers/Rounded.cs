using System.Globalization;

namespace Lazaret.Disclosure.Answers;

/// <summary>Rounds numbers that leave.</summary>
public static class Rounded
{
    /// <summary>Rounds the exact binary value, as Python's round() does: the double 0.0005 is a little more than 0.0005, and the double 2.675 a little less than 2.675.</summary>
    public static decimal To(int decimals, double value)
    {
        var rounded = decimal.Parse(value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return rounded == 0 ? new decimal(0, 0, 0, isNegative: false, (byte)decimals) : rounded;
    }
}
