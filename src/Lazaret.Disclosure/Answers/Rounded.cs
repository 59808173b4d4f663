using System.Globalization;

namespace Lazaret.Disclosure.Answers;

/// <summary>Numbers as they leave.</summary>
public static class Rounded
{
    /// <summary>From the exact binary value, as Python's round() does: 0.0005 is a little more than 0.0005, and 2.675 a little less than 2.675.</summary>
    public static decimal To(int decimals, double value)
    {
        var rounded = decimal.Parse(value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return rounded == 0 ? new decimal(0, 0, 0, isNegative: false, (byte)decimals) : rounded;
    }
}
