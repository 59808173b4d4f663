using System.Buffers.Binary;
using Lazaret.Node.Audit;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Which entries of the audit a page shows, as its address says it.</summary>
/// <param name="Selection">Which of all entries match.</param>
/// <param name="Before">Only entries before this one are shown (the next page); null for the newest.</param>
internal sealed record AuditFilter(AuditSelection Selection, long? Before)
{
    // The last day that a date can have.
    private const long MostMilliseconds = 253_402_214_400_000;

    /// <summary>How many days a filter without a first day looks back: the table has no other order than that of its entries.</summary>
    public const int UsualDays = 30;

    /// <summary>The first day that is shown.</summary>
    public DateOnly? From { get; private init; }

    /// <summary>The last day that is shown.</summary>
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

    /// <summary>Whether entries about readings of the audit are shown: only if the filter asks for an action.</summary>
    public bool ShowsReadings => Selection.Action is not null;

    public string ToQuery() => PageQuery.Write(("actor", Selection.Actor), ("action", Selection.Action), ("from", From), ("to", To), ("job", Selection.Job), ("before", Before));

    /// <summary>The day on which a job was admitted: its id begins with the milliseconds since 1970. There are no entries about it before.</summary>
    private static DateOnly DayOf(Guid job) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(Math.Min(BinaryPrimitives.ReadInt64BigEndian(job.ToByteArray(bigEndian: true)) >>> 16, MostMilliseconds)));

    private static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
