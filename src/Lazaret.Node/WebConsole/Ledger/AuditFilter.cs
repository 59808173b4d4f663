using System.Buffers.Binary;
using Lazaret.Node.Audit;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Which entries of the audit a page shows, as its address keeps it.</summary>
/// <param name="Selection">Of all entries.</param>
/// <param name="Before">Those before this one: the next page; null for the newest.</param>
internal sealed record AuditFilter(AuditSelection Selection, long? Before)
{
    // The last day that there is.
    private const long MostMilliseconds = 253_402_214_400_000;

    /// <summary>How many days filters without a first day look back: the table is in no order but that of its entries.</summary>
    public const int UsualDays = 30;

    /// <summary>The first day.</summary>
    public DateOnly? From { get; private init; }

    /// <summary>The last day.</summary>
    public DateOnly? To { get; private init; }

    /// <param name="query">The address.</param>
    /// <param name="job">The job that it names, if it names one.</param>
    /// <param name="now">The time from which filters without a first day look back.</param>
    public static AuditFilter Read(PageQuery query, Guid? job, DateTimeOffset now)
    {
        var (actor, action) = (query.Text("actor"), query.OneOf<AuditAction>("action", "What"));
        var (from, to) = (query.Day("from", "From"), query.Day("to", "To"));
        if (from > to)
        {
            query.LeaveOut("from", "From: is after To, so that there could be no entry");
            from = null;
        }

        if (job is { Version: 7 } id)
            from ??= DayOf(id);
        if (actor is not null || action is not null || job is not null)
        {
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            from ??= DateOnly.FromDayNumber(Math.Max(0, (to < today ? to.Value : today).DayNumber - UsualDays));
        }

        var selection = new AuditSelection
        {
            Actor = actor,
            Action = action,
            Job = job,
            Since = from is { } first ? StartOf(first) : null,
            Until = to is { } last && last < DateOnly.MaxValue ? StartOf(last.AddDays(1)) : null,
        };
        return new AuditFilter(selection, query.Number("before")) { From = from, To = to };
    }

    /// <summary>Whether entries that tell of somebody's reading of the audit are shown: only where they are asked for.</summary>
    public bool ShowsReadings => Selection.Action is not null;

    public string ToQuery() => PageQuery.Write(("actor", Selection.Actor), ("action", Selection.Action), ("from", From), ("to", To), ("job", Selection.Job), ("before", Before));

    /// <summary>The day of a job, whose id begins with the milliseconds since 1970 began: nothing is written about it before.</summary>
    private static DateOnly DayOf(Guid job) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(Math.Min(BinaryPrimitives.ReadInt64BigEndian(job.ToByteArray(bigEndian: true)) >>> 16, MostMilliseconds)));

    private static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
