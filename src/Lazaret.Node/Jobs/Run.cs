using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Jobs;

/// <summary>One attempt at a job inside a sandbox.</summary>
public sealed class Run
{
    public required Guid Id { get; init; }

    public required Guid JobId { get; init; }

    public required int Attempt { get; init; }

    /// <summary>The sandbox backend it ran in.</summary>
    public required string Backend { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; private set; }

    public RunEnd? Ending { get; private set; }

    /// <summary>The most memory that its sandbox held at once, in bytes; null where it was not counted, here and below.</summary>
    public long? PeakMemory { get; private set; }

    public long? CpuMilliseconds { get; private set; }

    public long? WallMilliseconds { get; private set; }

    /// <summary>Writes down what its sandbox took.</summary>
    public void Use(TimeSpan wall, SandboxUsage? usage)
    {
        WallMilliseconds = (long)wall.TotalMilliseconds;
        PeakMemory = usage?.PeakMemory;
        CpuMilliseconds = (long?)usage?.Cpu.TotalMilliseconds;
    }

    public void End(RunEnd ending, DateTimeOffset now)
    {
        if (EndedAt is not null)
            throw new InvalidOperationException("the run has ended already");
        Ending = ending;
        EndedAt = now;
    }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Run>
    {
        public void Configure(EntityTypeBuilder<Run> run)
        {
            run.ToTable("Runs");
            run.HasIndex(r => new { r.JobId, r.Attempt }).IsUnique();
            run.HasOne<Job>().WithMany().HasForeignKey(r => r.JobId);
        }
    }
}

/// <summary>How a run ended.</summary>
public enum RunEnd
{
    /// <summary>Its output passed disclosure control.</summary>
    Released,

    /// <summary>Its output waits for a steward.</summary>
    Held,

    /// <summary>Disclosure control withheld its output.</summary>
    Blocked,

    /// <summary>The program exited with an error.</summary>
    Exited,

    /// <summary>The program was killed at its wall-clock limit.</summary>
    TimedOut,

    /// <summary>The program's output was absent, too large, or not what its schema says.</summary>
    BadOutput,

    /// <summary>The host could not run it.</summary>
    HostFault,

    /// <summary>The node was asked to stop, and gave the job back.</summary>
    Stopped,

    /// <summary>The machine lacked what the program needs, and gave the job back.</summary>
    GivenBack,

    /// <summary>The worker fell silent.</summary>
    Lost,
}

/// <summary>The table.</summary>
internal static class RunsTable
{
    extension(LazaretDb db)
    {
        public DbSet<Run> Runs => db.Set<Run>();
    }
}
