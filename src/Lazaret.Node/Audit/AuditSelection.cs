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

    /// <summary>Who did it.</summary>
    public string? Actor { get; init; }

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
        if (Actor is { } actor)
            entries = entries.Where(entry => entry.Actor == actor);
        return entries;
    }

    /// <summary>For the entry that says that the audit was read.</summary>
    /// <param name="form">How it was read.</param>
    public AuditDetail Describe(string form)
    {
        var detail = new AuditDetail { ["format"] = form };
        if (Since is not null)
            detail["since"] = Since;
        if (Until is not null)
            detail["until"] = Until;
        if (Job is not null)
            detail["job"] = Job;
        if (Action is not null)
            detail["action"] = Action;
        if (Actor is not null)
            detail["actor"] = Actor;
        return detail;
    }
}
