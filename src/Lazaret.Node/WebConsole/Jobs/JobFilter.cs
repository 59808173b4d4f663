using System.Globalization;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>Which jobs a list shows, as the page's address keeps it; null for all.</summary>
internal sealed record JobFilter
{
    public JobState? State { get; init; }

    public JobKind? Kind { get; init; }

    public string? Project { get; init; }

    public string? Requester { get; init; }

    public DateOnly? From { get; init; }

    public Guid? Job { get; init; }

    /// <summary>Jobs before this one: the next page.</summary>
    public Guid? Before { get; init; }

    /// <param name="query">The page's address.</param>
    /// <param name="faults">Values that mean nothing.</param>
    public static JobFilter Read(IQueryCollection query, List<string> faults)
    {
        return new JobFilter
        {
            State = Parse<JobState>("state"),
            Kind = Parse<JobKind>("kind"),
            Project = Text("project"),
            Requester = Text("requester"),
            From = Text("from") is { } from ? DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : Fault<DateOnly>("From: a day is written 2026-11-26") : null,
            Job = Text("job") is { } job ? Guid.TryParse(job, out var id) ? id : Fault<Guid>("Job: its whole id is needed") : null,
            Before = Guid.TryParse(Text("before"), out var before) ? before : null,
        };

        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 and <= 200 } text ? text : null;

        T? Parse<T>(string name)
            where T : struct, Enum =>
            Text(name) is not { } text ? null : Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : Fault<T>($"{name}: there is no such one");

        T? Fault<T>(string why)
            where T : struct
        {
            faults.Add(why);
            return null;
        }
    }

    /// <summary>The filters in use, and the address of the list without each.</summary>
    public IEnumerable<(string Words, string Without)> InUse()
    {
        if (State is { } state)
            yield return ($"State {Parts.Words.Of(state).Word}", (this with { State = null, Before = null }).ToQuery());
        if (Kind is { } kind)
            yield return ($"Kind {JobWords.Of(kind)}", (this with { Kind = null, Before = null }).ToQuery());
        if (Project is not null)
            yield return ($"Project {Project}", (this with { Project = null, Before = null }).ToQuery());
        if (Requester is not null)
            yield return ($"Requester {Requester}", (this with { Requester = null, Before = null }).ToQuery());
        if (From is { } from)
            yield return ($"From {from.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}", (this with { From = null, Before = null }).ToQuery());
        if (Job is { } job)
            yield return ($"Job {Parts.Words.Short(job)}", (this with { Job = null, Before = null }).ToQuery());
    }

    /// <summary>As the end of an address.</summary>
    public string ToQuery() => QueryString.Create(
        new (string Name, string? Value)[]
        {
            ("state", State?.ToString().ToLowerInvariant()), ("kind", Kind?.ToString().ToLowerInvariant()), ("project", Project), ("requester", Requester),
            ("from", From?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ("job", Job?.ToString()), ("before", Before?.ToString()),
        }.Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, part.Value))).ToString();
}
