using Lazaret.Node.Configuration;

namespace Lazaret.Node.Runs;

/// <summary>How many runs go on at once.</summary>
public sealed record RunOptions
{
    /// <summary>Runs at once; 0 takes the number of processors. 0; 0 to 256.</summary>
    public int Concurrency { get; init; }

    internal int Slots => Concurrency > 0 ? Concurrency : Environment.ProcessorCount;

    internal void Check(OptionFaults faults) => faults.Range("Runs:Concurrency", Concurrency, 0, 256);
}
