namespace Lazaret.Fhir.Bundles;

/// <summary>
/// The instants that a FHIR date, dateTime, instant, Period or Timing allows. A date without an offset may be anywhere on
/// Earth: its day begins at +14:00 and ends at -12:00.
/// </summary>
/// <param name="Earliest">Null when the start is open.</param>
/// <param name="Latest">Null when the end is open.</param>
public sealed record PossibleTime(DateTimeOffset? Earliest, DateTimeOffset? Latest)
{
    /// <summary>The earliest instant at which a Period can have ended; null when it may still last, or is no Period.</summary>
    public DateTimeOffset? EarliestEnd { get; init; }

    /// <summary>It is a date, whose zone nobody knows.</summary>
    public bool IsDate { get; init; }

    /// <summary>It may be any instant.</summary>
    public bool SaysNothing => Earliest is null && Latest is null;

    /// <summary>It is over when the other begins. Two dates are compared as dates: those of one bundle are taken to be of one zone.</summary>
    public bool IsBefore(PossibleTime other)
    {
        if (Latest is not { } end || other.Earliest is not { } start)
            return false;
        if (IsDate && other.IsDate)
            (end, start) = (end + LastZone, start + FirstZone);
        var isSpanBesideSpan = Earliest != Latest && other.Earliest != other.Latest;
        return end < start || (end == start && isSpanBesideSpan);
    }

    /// <summary>It begins or ends later than the other.</summary>
    public bool ReachesBeyond(PossibleTime other) =>
        Nullable.Compare(Earliest, other.Earliest) > 0 || (Latest ?? DateTimeOffset.MaxValue) > (other.Latest ?? DateTimeOffset.MaxValue);

    /// <summary>It begins and ends with the other.</summary>
    public bool Covers(PossibleTime other) => Earliest == other.Earliest && Latest == other.Latest;

    private static readonly TimeSpan FirstZone = TimeSpan.FromHours(14);
    private static readonly TimeSpan LastZone = TimeSpan.FromHours(-12);

    /// <summary>Reads <c>YYYY[-MM[-DD[Thh:mm:ss[.fff](Z|±hh:mm)]]]</c>; null for anything else.</summary>
    public static PossibleTime? Parse(ReadOnlySpan<char> text)
    {
        if (!TryDigits(text, 0, 4, out var year) || year == 0)
            return null;
        int month = 1, day = 1;
        if (text.Length >= 7 && (text[4] != '-' || !TryDigits(text, 5, 2, out month) || month is < 1 or > 12))
            return null;
        if (text.Length >= 10 && (text[7] != '-' || !TryDigits(text, 8, 2, out day) || day < 1 || day > DateTime.DaysInMonth(year, month)))
            return null;
        var start = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified);
        return text.Length switch
        {
            4 => Between(start, 12),
            7 => Between(start, 1),
            10 => Days(start, 1),
            > 10 when text[10] == 'T' => Moment(start, text[11..]),
            _ => null,
        };
    }

    private static PossibleTime Between(DateTime start, int months)
    {
        var days = Enumerable.Range(0, months).Sum(month => DateTime.DaysInMonth(start.Year, start.Month + month));
        return Days(start, days);
    }

    private static PossibleTime Days(DateTime start, int days) =>
        new(At(start.Ticks, FirstZone), At(start.Ticks + (days * TimeSpan.TicksPerDay) - 1, LastZone)) { IsDate = true };

    private static PossibleTime? Moment(DateTime day, ReadOnlySpan<char> text)
    {
        if (text.Length < 9 || text[2] != ':' || text[5] != ':'
            || !TryDigits(text, 0, 2, out var hour) || hour > 23
            || !TryDigits(text, 3, 2, out var minute) || minute > 59
            || !TryDigits(text, 6, 2, out var second) || second > 60)
        {
            return null;
        }

        var ticks = day.Ticks + (((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond);
        var rest = text[8..];
        if (rest[0] == '.')
        {
            var end = 1;
            long unit = TimeSpan.TicksPerSecond;
            while (end < rest.Length && char.IsAsciiDigit(rest[end]))
            {
                unit /= 10;
                ticks += (rest[end++] - '0') * unit;
            }

            if (end == 1)
                return null;
            rest = rest[end..];
        }

        if (rest is "Z")
            return new PossibleTime(At(ticks, TimeSpan.Zero), At(ticks, TimeSpan.Zero));
        if (rest.Length != 6 || rest[0] is not ('+' or '-') || rest[3] != ':'
            || !TryDigits(rest, 1, 2, out var hours) || !TryDigits(rest, 4, 2, out var minutes) || minutes > 59
            || (hours * 60) + minutes > 14 * 60)
        {
            return null;
        }

        var offset = new TimeSpan(hours, minutes, 0);
        var instant = At(ticks, rest[0] == '-' ? -offset : offset);
        return new PossibleTime(instant, instant);
    }

    /// <summary>The instant in UTC, held within what .NET can represent at the ends of the calendar.</summary>
    private static DateTimeOffset At(long localTicks, TimeSpan offset) =>
        new(Math.Clamp(localTicks - offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero);

    private static bool TryDigits(ReadOnlySpan<char> text, int start, int count, out int value)
    {
        value = 0;
        if (text.Length < start + count)
            return false;
        foreach (var digit in text.Slice(start, count))
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            value = (value * 10) + digit - '0';
        }

        return true;
    }
}
