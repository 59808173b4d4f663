namespace Lazaret.Node.Jobs.Admissions;

/// <summary>What became of a request. The set is closed.</summary>
public abstract record Admission
{
    /// <summary>There is a job: a new one, or the one that this request made before.</summary>
    public sealed record Accepted(Job Job) : Admission;

    /// <summary>The idempotency key was used before, for another request.</summary>
    public sealed record KeyReused : Admission;

    /// <summary>As many jobs wait as may, of all or of this requester's.</summary>
    public sealed record QueueFull : Admission;
}
