using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Lazaret.Node.Storage;

/// <summary>The node's memory: jobs and what they carry, runs, registered programs, webhooks, the audit.</summary>
public abstract class LazaretDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<Payload> Payloads => Set<Payload>();

    public DbSet<KnownKey> KnownKeys => Set<KnownKey>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<RegisteredProgram> Programs => Set<RegisteredProgram>();

    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    public DbSet<WebhookSecret> WebhookSecrets => Set<WebhookSecret>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<WebhookAttempt> WebhookAttempts => Set<WebhookAttempt>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <summary>Every table with sealed records: what the rotation of keys goes over.</summary>
    public IReadOnlyList<IQueryable<ISealedRecord>> SealedTables => [Payloads, WebhookEndpoints, WebhookSecrets];

    /// <summary>For queries: bytes from <paramref name="start"/>, which counts from 1.</summary>
    [DbFunction("substr", IsBuiltIn = true)]
    public static byte[] Slice(byte[] bytes, int start, int length) => throw new NotSupportedException();

    /// <summary>Begins a transaction in which nobody else changes what was read for update.</summary>
    internal abstract Task<Writing> BeginWritingAsync(CancellationToken cancellationToken);

    /// <summary>Begins a transaction that waits for every other one that was begun under this number.</summary>
    internal abstract Task<Writing> BeginAloneAsync(long number, CancellationToken cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite cannot order by an offset; every instant here is UTC.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<JobState>().HaveConversion<string>();
        configurationBuilder.Properties<JobKind>().HaveConversion<string>();
        configurationBuilder.Properties<PayloadName>().HaveConversion<string>();
        configurationBuilder.Properties<RunEnd>().HaveConversion<string>();
        configurationBuilder.Properties<DeliveryState>().HaveConversion<string>();
        configurationBuilder.Properties<AttemptEnd>().HaveConversion<string>();
        configurationBuilder.Properties<ProgramKind>().HaveConversion<string>();
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
            job.HasOne<WebhookDelivery>().WithOne().HasForeignKey<WebhookDelivery>(d => d.JobId);
        });
        modelBuilder.Entity<Payload>(payload =>
        {
            payload.HasKey(p => new { p.JobId, p.Name, p.Attempt });
            payload.Ignore(p => p.Place);
        });
        modelBuilder.Entity<Run>().HasIndex(r => new { r.JobId, r.Attempt }).IsUnique();
        modelBuilder.Entity<RegisteredProgram>(program =>
        {
            program.HasKey(p => new { p.Key, p.Version });
            program.Property(p => p.Key).HasConversion(key => key, stored => ProgramForm.Key(stored));
            program.Property(p => p.Version).HasConversion(version => version, stored => ProgramForm.Version(stored));
            program.Property(p => p.Digest).HasConversion(digest => digest, stored => ProgramForm.Digest(stored));
            program.Property(p => p.Content).HasConversion(digest => digest, stored => ProgramForm.Digest(stored));
            program.Ignore(p => p.Name);
        });
        modelBuilder.Entity<WebhookEndpoint>(endpoint =>
        {
            endpoint.HasIndex(e => new { e.Requester, e.UrlDigest }).IsUnique();
            endpoint.Ignore(e => e.Place);
        });
        modelBuilder.Entity<WebhookSecret>(secret =>
        {
            secret.HasIndex(s => s.Requester);
            secret.Ignore(s => s.Place);
        });
        modelBuilder.Entity<WebhookDelivery>(delivery =>
        {
            delivery.Property(d => d.Version).IsConcurrencyToken();
            delivery.HasIndex(d => new { d.State, d.DueAt });
            delivery.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(d => d.EndpointId);
            delivery.HasMany<WebhookAttempt>().WithOne().HasForeignKey(a => a.DeliveryId);
        });
        modelBuilder.Entity<WebhookAttempt>().HasKey(a => new { a.DeliveryId, a.Attempt });
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
