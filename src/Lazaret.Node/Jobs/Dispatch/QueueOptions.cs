using Lazaret.Node.Configuration;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>How jobs reach workers, in which order, and how many may wait.</summary>
public sealed record QueueOptions
{
    public const string Database = "database";
    public const string Redis = "redis";

    /// <summary>What hands jobs to workers. database; database or redis (at <c>ConnectionStrings:Redis</c>).</summary>
    public string Provider { get; init; } = Database;

    /// <summary>Begins the names of this node's keys and channel on Redis, which several nodes may share. lazaret; letters, digits, - and _.</summary>
    public string Name { get; init; } = "lazaret";

    /// <summary>A waiting diagnosis goes before jobs of a lower priority. 1; 0 to 9.</summary>
    public int DiagnosisPriority { get; init; } = 1;

    /// <summary>The same for a cohort job. 0; 0 to 9.</summary>
    public int CohortPriority { get; init; }

    /// <summary>How many jobs may wait; a request beyond them is answered 429. 10000; 1 to 1000000.</summary>
    public int MaxQueued { get; init; } = 10_000;

    /// <summary>How many of them may be one requester's. 1000; 1 to 1000000.</summary>
    public int MaxQueuedPerRequester { get; init; } = 1000;

    internal int PriorityOf(JobKind kind) => kind == JobKind.Diagnosis ? DiagnosisPriority : CohortPriority;

    internal void Check(OptionFaults faults)
    {
        faults.OneOf("Queue:Provider", Provider, Database, Redis);
        if (Name.Length is 0 or > 64 || Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_')))
            faults.Add("Queue:Name", "must be 1 to 64 letters, digits, - and _");
        faults.Range("Queue:DiagnosisPriority", DiagnosisPriority, 0, 9);
        faults.Range("Queue:CohortPriority", CohortPriority, 0, 9);
        faults.Range("Queue:MaxQueued", MaxQueued, 1, 1_000_000);
        faults.Range("Queue:MaxQueuedPerRequester", MaxQueuedPerRequester, 1, 1_000_000);
    }
}
