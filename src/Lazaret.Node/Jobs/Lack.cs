namespace Lazaret.Node.Jobs;

/// <summary>Something that this machine lacks, and the jobs that it cannot run without.</summary>
/// <param name="What">In a word: data, guest, models, analyses.</param>
/// <param name="Why">What is missing, and what to do.</param>
/// <param name="Kind">The kind of the jobs.</param>
/// <param name="Program">Their program; null for all of the kind.</param>
public sealed record Lack(string What, string Why, JobKind Kind, string? Program = null)
{
    /// <summary>False where nobody asked for it: a site that only diagnoses has no data view.</summary>
    public bool IsWanted { get; init; } = true;
}
