using Lazaret.Node.Configuration;

namespace Lazaret.Node.Jobs;

/// <summary>How jobs reach workers.</summary>
public sealed record QueueOptions
{
    /// <summary>The dispatch queue. database; database.</summary>
    public string Provider { get; init; } = "database";

    internal void Check(OptionFaults faults) => faults.OneOf("Queue:Provider", Provider, "database");
}
