namespace Lazaret.Node.Jobs.Admissions;

/// <summary>What became of a request. The set is closed.</summary>
public abstract record Admission
{
    /// <summary>There is a job: a new one, or the one that this request made before.</summary>
    public sealed record Accepted(Job Job) : Admission;

    /// <summary>The idempotency key was used before, for another request.</summary>
    public sealed record KeyReused : Admission;

    /// <summary>The project has had its jobs of the week, or the requester their questions.</summary>
    /// <param name="Project">Its key; null for the requester's own quota.</param>
    /// <param name="Quota">How many there may be within seven days.</param>
    /// <param name="Until">When the next one is possible.</param>
    /// <param name="After">How long that still is.</param>
    public sealed record QuotaSpent(string? Project, int Quota, DateTimeOffset Until, TimeSpan After) : Admission
    {
        public string Words => Project is null
            ? $"A requester may ask {Quota} different questions in seven days, each map of a batch being one, and not so many are left: there is room again at {Until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z."
            : $"Project {Project} may have {Quota} jobs in seven days, and has had them: the next one is possible at {Until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.";
    }

    /// <summary>As many jobs wait as may, of all or of this requester's.</summary>
    public sealed record QueueFull : Admission;
}
