namespace Lazaret.Node.Jobs;

/// <summary>
/// The bytes that belong to a job: what the requester sent, what left the sandbox. All that may hold patient data lies
/// in this one table, apart from the rows that are listed, logged and counted.
/// </summary>
public sealed class Payload
{
    public required Guid JobId { get; init; }

    public required PayloadName Name { get; init; }

    /// <summary>Which attempt wrote it; 0 for what does not belong to one.</summary>
    public int Attempt { get; init; }

    public required byte[] Content { get; init; }
}

public enum PayloadName
{
    /// <summary>What the program reads: the map of a cohort job, the <c>input.json</c> of a diagnosis.</summary>
    Input,

    /// <summary>What disclosure control released.</summary>
    Result,

    /// <summary>stdout and stderr of one attempt, capped; for the operator alone.</summary>
    Log,
}
