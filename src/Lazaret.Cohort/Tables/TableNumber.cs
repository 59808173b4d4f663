using System.Globalization;

namespace Lazaret.Cohort.Tables;

internal static class TableNumber
{
    /// <summary>A finite decimal number without spaces or thousands separators; NaN for anything else, since "NaN" itself is no number here.</summary>
    public static double Parse(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
        && double.IsFinite(value)
            ? value
            : double.NaN;
}
