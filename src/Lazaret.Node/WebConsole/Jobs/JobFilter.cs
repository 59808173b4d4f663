using System.Globalization;
using Lazaret.Node.Jobs;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>Which jobs a list shows, as the page's address says it. A filter that is null matches all.</summary>
internal sealed record JobFilter
{
    public JobState? State { get; init; }

    public JobKind? Kind { get; init; }

    public string? Project { get; init; }

    public string? Requester { get; init; }

    public DateOnly? From { get; init; }

    public Guid? Job { get; init; }

    /// <summary>The last eight characters of an id, in lower case: lists show ids so.</summary>
    public string? JobEnd { get; init; }

    /// <summary>Shows only jobs before this one: the next page.</summary>
    public Guid? Before { get; init; }

    /// <summary>What is said when an address does not name a job as it should.</summary>
    public const string Needed = "the last 8 characters of its id are needed, or the whole id";

    /// <summary>The last eight characters of an id, if the address names a job by them; null otherwise.</summary>
    public static string? EndOf(PageQuery query) => query.Text("job") is { Length: 8 } text && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : null;

    public static JobFilter Read(PageQuery query)
    {
        var end = EndOf(query);
        return new()
        {
            State = query.OneOf<JobState>("state", "State"),
            Kind = query.OneOf<JobKind>("kind", "Kind"),
            Project = query.Text("project"),
            Requester = query.Text("requester"),
            From = query.Day("from", "From"),
            Job = end is null ? query.Id("job", "Job", Needed) : null,
            JobEnd = end,
            Before = query.Id("before", "Before"),
        };
    }

    /// <summary>The filters in use, and the address of the list without each.</summary>
    public IEnumerable<(string Words, string Without)> InUse()
    {
        var all = this with { Before = null };
        if (State is { } state)
            yield return ($"State {Words.Of(state).Word}", (all with { State = null }).ToQuery());
        if (Kind is { } kind)
            yield return ($"Kind {JobWords.Of(kind)}", (all with { Kind = null }).ToQuery());
        if (Project is not null)
            yield return ($"Project {Project}", (all with { Project = null }).ToQuery());
        if (Requester is not null)
            yield return ($"Requester {Requester}", (all with { Requester = null }).ToQuery());
        if (From is { } from)
            yield return ($"From {from.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}", (all with { From = null }).ToQuery());
        if (Job is { } job)
            yield return ($"Job {Words.Short(job)}", (all with { Job = null }).ToQuery());
        if (JobEnd is not null)
            yield return ($"Job {JobEnd}", (all with { JobEnd = null }).ToQuery());
    }

    /// <summary>The filters as the end of an address.</summary>
    public string ToQuery() => PageQuery.Write(("state", State), ("kind", Kind), ("project", Project), ("requester", Requester), ("from", From), ("job", (object?)Job ?? JobEnd), ("before", Before));
}
