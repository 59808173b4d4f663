using Lazaret.Node.Audit;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Which entries of the audit a page shows, as its address keeps it.</summary>
/// <param name="Selection">Of all entries.</param>
/// <param name="Before">Those before this one: the next page; null for the newest.</param>
internal sealed record AuditFilter(AuditSelection Selection, long? Before)
{
    /// <summary>The first day.</summary>
    public DateOnly? From { get; private init; }

    /// <summary>The last day.</summary>
    public DateOnly? To { get; private init; }

    public static AuditFilter Read(PageQuery query)
    {
        var (from, to) = (query.Day("from", "From"), query.Day("to", "To"));
        var selection = new AuditSelection
        {
            Actor = query.Text("actor"),
            Action = query.OneOf<AuditAction>("action", "What"),
            Job = query.Id("job", "Job"),
            Since = from is { } first ? StartOf(first) : null,
            Until = to is { } last && last < DateOnly.MaxValue ? StartOf(last.AddDays(1)) : null,
        };
        return new AuditFilter(selection, query.Number("before")) { From = from, To = to };
    }

    public string ToQuery() => PageQuery.Write(("actor", Selection.Actor), ("action", Selection.Action), ("from", From), ("to", To), ("job", Selection.Job), ("before", Before));

    private static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
