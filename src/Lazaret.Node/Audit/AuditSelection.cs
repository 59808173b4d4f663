namespace Lazaret.Node.Audit;

/// <summary>Which entries are printed; null for all.</summary>
internal sealed record AuditSelection
{
    /// <summary>Those of this instant and later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Those before this instant.</summary>
    public DateTimeOffset? Until { get; init; }

    public Guid? Job { get; init; }

    public AuditAction? Action { get; init; }

    public IQueryable<AuditEntry> Of(IQueryable<AuditEntry> entries)
    {
        if (Since is { } since)
            entries = entries.Where(entry => entry.At >= since);
        if (Until is { } until)
            entries = entries.Where(entry => entry.At < until);
        if (Job is { } job)
            entries = entries.Where(entry => entry.JobId == job);
        if (Action is { } action)
            entries = entries.Where(entry => entry.Action == action);
        return entries;
    }

    /// <summary>For the entry that says that the audit was read.</summary>
    public AuditDetail Describe(AuditFormat format)
    {
        var detail = new AuditDetail { ["format"] = format };
        if (Since is not null)
            detail["since"] = Since;
        if (Until is not null)
            detail["until"] = Until;
        if (Job is not null)
            detail["job"] = Job;
        if (Action is not null)
            detail["action"] = Action;
        return detail;
    }
}
