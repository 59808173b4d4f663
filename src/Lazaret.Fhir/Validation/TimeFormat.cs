namespace Lazaret.Fhir.Validation;

/// <summary>Dates and times of R4, each on a real day of the calendar; a leap second is allowed, 24:00 is not.</summary>
internal static class TimeFormat
{
    public static bool IsDate(ReadOnlySpan<byte> text) => DateLength(text) == text.Length;

    public static bool IsDateTime(ReadOnlySpan<byte> text)
    {
        var date = DateLength(text);
        return date == text.Length || (date == 10 && IsInstant(text));
    }

    public static bool IsInstant(ReadOnlySpan<byte> text) =>
        DateLength(text) == 10 && text.Length > 10 && text[10] == 'T'
        && TimeLength(text[11..]) is > 0 and var time && IsOffset(text[(11 + time)..]);

    public static bool IsTime(ReadOnlySpan<byte> text) => TimeLength(text) is > 0 and var length && length == text.Length;

    /// <summary>4, 7 or 10 for a year, month or day at the start of the text; 0 for none.</summary>
    private static int DateLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 4 || Number(text[..4]) is not (>= 1 and var year))
            return 0;
        if (text.Length < 7 || text[4] != '-')
            return 4;
        if (Number(text.Slice(5, 2)) is not (>= 1 and <= 12 and var month))
            return 0;
        if (text.Length < 10 || text[7] != '-')
            return 7;
        return Number(text.Slice(8, 2)) is >= 1 and var day && day <= DateTime.DaysInMonth(year, month) ? 10 : 0;
    }

    /// <summary>The length of <c>hh:mm:ss[.f+]</c> at the start of the text; 0 for none.</summary>
    private static int TimeLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 8 || text[2] != ':' || text[5] != ':'
            || Number(text[..2]) is not (>= 0 and <= 23)
            || Number(text.Slice(3, 2)) is not (>= 0 and <= 59)
            || Number(text.Slice(6, 2)) is not (>= 0 and <= 60))
        {
            return 0;
        }

        if (text.Length == 8 || text[8] != '.')
            return 8;
        var digits = text[9..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length - 9 : digits;
        return digits == 0 ? 0 : 9 + digits;
    }

    private static bool IsOffset(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'Z'])
            return true;
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':')
            return false;
        var (hours, minutes) = (Number(text.Slice(1, 2)), Number(text.Slice(4, 2)));
        return hours is >= 0 and <= 13 && minutes is >= 0 and <= 59 || (hours == 14 && minutes == 0);
    }

    /// <summary>The digits' value, or -1.</summary>
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return -1;
            value = (value * 10) + digit - '0';
        }

        return value;
    }
}
