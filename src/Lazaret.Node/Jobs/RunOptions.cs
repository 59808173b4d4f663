using Lazaret.Node.Configuration;

namespace Lazaret.Node.Jobs;

/// <summary>How many runs go on at once, and how they end when the node stops.</summary>
public sealed record RunOptions
{
    /// <summary>Runs at once; 0 takes the number of processors. 0; 0 to 256.</summary>
    public int Concurrency { get; init; }

    /// <summary>Seconds that runs get to end by themselves when the node is asked to stop; then their jobs go back to the queue. 30; 0 to 86400.</summary>
    public int DrainSeconds { get; init; } = 30;

    internal int Slots => Concurrency > 0 ? Concurrency : Environment.ProcessorCount;

    internal TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds);

    internal void Check(OptionFaults faults)
    {
        faults.Range("Runs:Concurrency", Concurrency, 0, 256);
        faults.Range("Runs:DrainSeconds", DrainSeconds, 0, 86_400);
    }
}
