using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Lazaret.Node.Storage;

/// <summary>The node's memory: jobs and what they carry, runs, registered models, the audit.</summary>
public abstract class LazaretDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<Payload> Payloads => Set<Payload>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<RegisteredModel> Models => Set<RegisteredModel>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <summary>Begins a transaction in which nobody else changes what was read for update.</summary>
    internal abstract Task<Writing> BeginWritingAsync(CancellationToken cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite cannot order by an offset; every instant here is UTC.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<JobState>().HaveConversion<string>();
        configurationBuilder.Properties<JobKind>().HaveConversion<string>();
        configurationBuilder.Properties<PayloadName>().HaveConversion<string>();
        configurationBuilder.Properties<RunEnd>().HaveConversion<string>();
        configurationBuilder.Properties<AuditAction>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Job>(job =>
        {
            job.Property(j => j.Version).IsConcurrencyToken();
            // A claim reads the first rows of it, whatever the length of the queue.
            job.HasIndex(j => new { j.State, j.Priority, j.Turn, j.CreatedAt }).IsDescending(false, true, false, false);
            job.HasIndex(j => new { j.Requester, j.IdempotencyKey }).IsUnique();
            job.HasMany<Payload>().WithOne().HasForeignKey(p => p.JobId);
            job.HasMany<Run>().WithOne().HasForeignKey(r => r.JobId);
        });
        modelBuilder.Entity<Payload>().HasKey(p => new { p.JobId, p.Name, p.Attempt });
        modelBuilder.Entity<Run>().HasIndex(r => new { r.JobId, r.Attempt }).IsUnique();
        modelBuilder.Entity<RegisteredModel>().HasKey(m => new { m.Key, m.Version });
        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.HasKey(e => e.Sequence);
            entry.Property(e => e.Sequence).ValueGeneratedOnAdd();
        });
    }

    private sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
        instant => instant.UtcDateTime,
        stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));
}
