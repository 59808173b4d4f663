using Lazaret.Node.Audit;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Which entries of the audit a page shows, as its address keeps it.</summary>
/// <param name="Selection">Of all entries.</param>
/// <param name="Before">Those before this one: the next page; null for the newest.</param>
internal sealed record AuditFilter(AuditSelection Selection, long? Before)
{
    public static AuditFilter Read(PageQuery query) => new(
        new AuditSelection { Actor = query.Text("actor"), Action = query.OneOf<AuditAction>("action", "What"), Job = query.Id("job", "Job") }, query.Number("before"));

    public string ToQuery() => PageQuery.Write(("actor", Selection.Actor), ("action", Selection.Action), ("job", Selection.Job), ("before", Before));
}
