using System.Globalization;
using Lazaret.Node.Audit;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Which entries of the audit a page shows, as its address keeps it; null for all.</summary>
internal sealed record AuditFilter
{
    public string? Actor { get; init; }

    public AuditAction? Action { get; init; }

    public Guid? Job { get; init; }

    /// <summary>Entries before this one: the next page.</summary>
    public long? Before { get; init; }

    public static AuditFilter Read(IQueryCollection query, List<string> faults)
    {
        var filter = new AuditFilter { Actor = Text("actor"), Before = long.TryParse(Text("before"), CultureInfo.InvariantCulture, out var before) ? before : null };
        if (Text("action") is { } action)
        {
            if (Enum.TryParse<AuditAction>(action, ignoreCase: true, out var known) && Enum.IsDefined(known))
                filter = filter with { Action = known };
            else
                faults.Add("What: there is no such action");
        }

        if (Text("job") is { } job)
        {
            if (Guid.TryParse(job, out var id))
                filter = filter with { Job = id };
            else
                faults.Add("Job: its whole id is needed");
        }

        return filter;

        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 and <= 200 } text ? text : null;
    }

    public string ToQuery() => QueryString.Create(
        new (string Name, string? Value)[] { ("actor", Actor), ("action", Action?.ToString()), ("job", Job?.ToString()), ("before", Before?.ToString(CultureInfo.InvariantCulture)) }
            .Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, part.Value))).ToString();

    /// <summary>For the entry that says that the audit was read.</summary>
    public AuditDetail Describe()
    {
        var detail = new AuditDetail { ["format"] = "page" };
        if (Actor is not null)
            detail["actor"] = Actor;
        if (Action is not null)
            detail["action"] = Action;
        if (Job is not null)
            detail["job"] = Job;
        if (Before is not null)
            detail["before"] = Before;
        return detail;
    }
}
