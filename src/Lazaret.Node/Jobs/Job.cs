using System.Collections.Frozen;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Jobs;

/// <summary>
/// One admitted request. The row is the truth about it: what it asks, where it stands, who works on it.
/// It carries no patient data; that lies in the job's <see cref="Payload"/>s.
/// </summary>
public sealed class Job
{
    /// <summary>Every legal change of state. Nothing but this class assigns one.</summary>
    public static readonly FrozenDictionary<JobState, FrozenSet<JobState>> Transitions = new Dictionary<JobState, FrozenSet<JobState>>
    {
        [JobState.Queued] = FrozenSet.Create(JobState.Running, JobState.Cancelled),
        [JobState.Running] = FrozenSet.Create(JobState.Done, JobState.Blocked, JobState.Held, JobState.Failed, JobState.Cancelled, JobState.Queued),
        [JobState.Held] = FrozenSet.Create(JobState.Done, JobState.Blocked, JobState.Cancelled),
        [JobState.Done] = [],
        [JobState.Blocked] = [],
        [JobState.Failed] = [],
        [JobState.Cancelled] = [],
    }.ToFrozenDictionary();

    /// <summary>The final states: no transition leaves them.</summary>
    public static readonly IReadOnlyList<JobState> Final = [.. Transitions.Where(moves => moves.Value.Count == 0).Select(moves => moves.Key)];

    // For EF Core, which fills the properties.
    private Job()
    {
    }

    public Guid Id { get; private init; }

    public JobKind Kind { get; private init; }

    /// <summary>Who asked. Apart from auditors, only this requester may see the job's answer.</summary>
    public string Requester { get; private init; } = "";

    /// <summary>
    /// What it runs: a registered program as <c>key@version</c>, or the name of a built-in analysis. A worker that cannot run it leaves the job
    /// to others.
    /// </summary>
    public string? Program { get; private init; }

    /// <summary>The key of the project that it belongs to; null for none.</summary>
    public string? Project { get; private init; }

    /// <summary>What was asked, as canonical JSON of the job's kind.</summary>
    public string Request { get; private init; } = "";

    /// <summary>The requester's <c>Idempotency-Key</c>, if one was sent.</summary>
    public string? IdempotencyKey { get; private init; }

    /// <summary>SHA-256 of the whole request, map or bundle included: shows whether a request under a used Idempotency-Key is the same.</summary>
    public string RequestDigest { get; private init; } = "";

    /// <summary>Where the requester wants to be told that the job is over, if anywhere.</summary>
    public Guid? WebhookEndpointId { get; private init; }

    public JobState State { get; private set; } = JobState.Queued;

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Queued jobs of a higher priority are claimed first.</summary>
    public int Priority { get; private set; }

    /// <summary>
    /// Among queued jobs of the same priority, the lowest turn is claimed first. Each further job of a requester gets a turn that is higher by
    /// one, so that requesters alternate (<see cref="Admissions.Backlog"/>).
    /// </summary>
    public long Turn { get; private set; }

    /// <summary>A queued job is not claimed before this time. It is set after a host fault, and when a worker gives the job back.</summary>
    public DateTimeOffset? NotBefore { get; private set; }

    /// <summary>How many runs were begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>How many of those runs ended by a host fault or an expired lease.</summary>
    public int HostFaults { get; private set; }

    /// <summary>The worker that holds the job while it runs.</summary>
    public string? LeaseOwner { get; private set; }

    /// <summary>When the lease lapses unless the worker renews it.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; private set; }

    /// <summary>
    /// The requester is not shown the new state before this time. Until then they see "running", or "held" when a steward has just decided. Answers appear on a
    /// tick, so that nobody learns how long a decision took.
    /// </summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>Why it failed, in words fit for the requester.</summary>
    public string? Error { get; private set; }

    /// <summary>The concurrency token: each change adds one, and of two writers that read the same version the second one fails.</summary>
    public long Version { get; private set; }

    public bool IsOver => Transitions[State].Count == 0;

    /// <summary>Whether its requester may see where it stands.</summary>
    public bool IsPublished(DateTimeOffset now) => PublishedAt is not { } instant || instant <= now;

    /// <summary>Admits a request as a queued job.</summary>
    public static Job Admit(
        JobKind kind,
        string requester,
        string request,
        string requestDigest,
        string? idempotencyKey,
        DateTimeOffset now,
        Guid? webhookEndpoint = null,
        string? program = null,
        string? project = null) => new()
        {
            Id = Guid.CreateVersion7(now),
            Kind = kind,
            Requester = requester,
            Program = program,
            Project = project,
            Request = request,
            RequestDigest = requestDigest,
            IdempotencyKey = idempotencyKey,
            WebhookEndpointId = webhookEndpoint,
            CreatedAt = now,
            UpdatedAt = now,
        };

    /// <summary>Sets the job's position in the queue. It is called before the job is stored.</summary>
    public void Place(int priority, long turn) => (Priority, Turn) = (priority, turn);

    /// <summary>A worker takes the job: one more attempt under a lease.</summary>
    public void Claim(string owner, DateTimeOffset now, TimeSpan lease)
    {
        Move(JobState.Running, now);
        Attempts++;
        LeaseOwner = owner;
        LeaseExpiresAt = now + lease;
    }

    /// <summary>The heartbeat of the worker that runs it.</summary>
    public void Renew(DateTimeOffset now, TimeSpan lease)
    {
        if (State != JobState.Running)
            throw new InvalidOperationException($"a job that is {State} has no lease to renew");
        LeaseExpiresAt = now + lease;
        Version++;
    }

    /// <summary>Whether this worker still holds this attempt.</summary>
    public bool IsHeldBy(JobLease lease) => State == JobState.Running && LeaseOwner == lease.Owner && Attempts == lease.Attempt;

    public void Complete(DateTimeOffset now) => Move(JobState.Done, now);

    public void Block(DateTimeOffset now) => Move(JobState.Blocked, now);

    public void Fail(string error, DateTimeOffset now)
    {
        Move(JobState.Failed, now);
        Error = error;
    }

    /// <summary>Back to the queue, to its old place: the worker was asked to stop.</summary>
    public void Requeue(DateTimeOffset now) => Move(JobState.Queued, now);

    /// <summary>Back to the queue, for a worker that can run it; not at once, so that this one does not take it again and again.</summary>
    public void GiveBack(TimeSpan pause, DateTimeOffset now)
    {
        Move(JobState.Queued, now);
        NotBefore = now + pause;
    }

    /// <summary>The host failed the run: back to the queue for another attempt after a pause, or, after the last one, the job's end.</summary>
    public void Retry(string why, int maxAttempts, TimeSpan pause, DateTimeOffset now)
    {
        HostFaults++;
        if (HostFaults >= maxAttempts)
        {
            Fail($"{why}, in each of {HostFaults} attempts", now);
            return;
        }

        Move(JobState.Queued, now);
        NotBefore = now + pause;
    }

    /// <summary>There is a result, and a steward decides whether it leaves.</summary>
    public void Hold(DateTimeOffset now) => Move(JobState.Held, now);

    /// <summary>Shows what was decided no sooner than this.</summary>
    public void PublishAt(DateTimeOffset instant) => PublishedAt = instant;

    public void Cancel(DateTimeOffset now) => Move(JobState.Cancelled, now);

    private void Move(JobState next, DateTimeOffset now)
    {
        if (!Transitions[State].Contains(next))
            throw new InvalidOperationException($"a job cannot go from {State} to {next}");
        State = next;
        UpdatedAt = now;
        LeaseOwner = null;
        LeaseExpiresAt = null;
        Version++;
    }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Job>
    {
        public void Configure(EntityTypeBuilder<Job> job)
        {
            job.ToTable("Jobs");
            job.Property(j => j.Version).IsConcurrencyToken();
            // A claim reads only the first rows of this index, however long the queue is.
            job.HasIndex(j => new { j.State, j.Priority, j.Turn, j.CreatedAt }).IsDescending(false, true, false, false);
            job.HasIndex(j => new { j.Requester, j.IdempotencyKey }).IsUnique();
            // A project's quota counts its latest jobs.
            job.HasIndex(j => new { j.Project, j.CreatedAt });
            // Lists are in the order of ids, and show the first of them.
            job.HasIndex(j => new { j.State, j.Id });
            job.HasIndex(j => new { j.Kind, j.Id });
            job.HasIndex(j => new { j.Requester, j.Id });
            job.HasIndex(j => new { j.Requester, j.PublishedAt });
        }
    }
}

/// <summary>The table.</summary>
internal static class JobsTable
{
    extension(LazaretDb db)
    {
        public DbSet<Job> Jobs => db.Set<Job>();
    }
}
