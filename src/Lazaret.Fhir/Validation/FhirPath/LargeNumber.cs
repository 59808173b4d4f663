using System.Globalization;
using System.Numerics;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>A number that <see cref="decimal"/> cannot hold exactly: 0.DIGITS × 10^Magnitude, without zeros at either end.</summary>
internal sealed record LargeNumber(bool IsNegative, BigInteger Magnitude, string Digits)
{
    private const int Places = 28;

    /// <summary>A <see cref="decimal"/> wherever one holds the number exactly, so that equal numbers are equal objects; null for what is no number.</summary>
    public static object? Read(string token)
    {
        if (token.Length > PrimitiveFormat.MaxNumber)
            return null;
        if (token.Length <= Places && !token.AsSpan().ContainsAny('e', 'E'))
            return decimal.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain : null;
        var number = Normalize(token);
        if (number.Digits.Length == 0)
            return 0m;
        return number.Digits.Length <= Places && number.Magnitude <= Places && number.Digits.Length - number.Magnitude <= Places
            ? decimal.Parse(token, NumberStyles.Float, CultureInfo.InvariantCulture)
            : number;
    }

    /// <summary>The order of two numbers, either of which may be a <see cref="decimal"/>; null when one is none.</summary>
    public static int? Compare(object? left, object? right) =>
        Of(left) is { } one && Of(right) is { } two ? one.CompareTo(two) : null;

    public override string ToString() => $"{(IsNegative ? "-" : "")}0.{Digits}e{Magnitude}";

    private static LargeNumber? Of(object? value) => value switch
    {
        LargeNumber number => number,
        decimal number => Normalize(number.ToString(CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static LargeNumber Normalize(string token)
    {
        var isNegative = token[0] == '-';
        var end = token.AsSpan().IndexOfAny('e', 'E') is >= 0 and var at ? at : token.Length;
        var exponent = end < token.Length ? BigInteger.Parse(token.AsSpan(end + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var written = token[(isNegative ? 1 : 0)..end];
        var point = written.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? dot : written.Length;
        var digits = written.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        return new(isNegative && significant.Length > 0, point - (digits.Length - significant.Length) + exponent, significant.TrimEnd('0'));
    }

    private int CompareTo(LargeNumber other)
    {
        if (Sign != other.Sign)
            return Sign.CompareTo(other.Sign);
        var size = Magnitude.CompareTo(other.Magnitude) is not 0 and var larger ? larger : string.CompareOrdinal(Digits, other.Digits);
        return IsNegative ? -size : size;
    }

    private int Sign => Digits.Length == 0 ? 0 : IsNegative ? -1 : 1;
}
