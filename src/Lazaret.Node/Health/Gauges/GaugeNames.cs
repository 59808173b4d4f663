namespace Lazaret.Node.Health.Gauges;

/// <summary>Every gauge. docs/operations.md lists them, and a test compares.</summary>
internal static class GaugeNames
{
    public static readonly Gauge Ready = new("lazaret.ready", "", "1 where this kind of work is ready, by capability; absent where the site does without it");
    public static readonly Gauge Checks = new("lazaret.check", "", "1 where this check of /readyz passed, 0 where it failed, by check; also those that the node does without for a while");
    public static readonly Gauge Depth = new("lazaret.jobs.depth", "{job}", "Jobs that are not over, by state and kind");
    public static readonly Gauge OldestQueued = new("lazaret.jobs.oldest_queued_age", "s", "How long the oldest queued job has waited, by kind; 0 where none waits");
    public static readonly Gauge Silent = new("lazaret.jobs.silent", "{job}", "Running jobs whose worker has not been heard of for a lease");
    public static readonly Gauge Webhooks = new("lazaret.webhooks.pending", "{delivery}", "Webhooks that were not taken yet");
    public static readonly Gauge OldestWebhook = new("lazaret.webhooks.overdue", "s", "How long the longest due webhook has been due; 0 where none is");
    public static readonly Gauge DiskFree = new("lazaret.disk.free", "By", "Free disk, by folder: state, temp");
    public static readonly Gauge DiskSize = new("lazaret.disk.size", "By", "Size of that disk");
    public static readonly Gauge DatabaseUp = new("lazaret.database.up", "", "1 where the database answered the last measurement");
    public static readonly Gauge DatabaseLatency = new("lazaret.database.latency", "s", "How long the last plain query took");
    public static readonly Gauge DatabaseSize = new("lazaret.database.size", "By", "Size of the database");
    public static readonly Gauge BackupAge = new("lazaret.backup.age", "s", "Time since the last backup was complete; +Inf where there never was one");
    public static readonly Gauge KeyAge = new("lazaret.key.age", "s", "Age of the key that new records are sealed under");
    public static readonly Gauge CertificateRemaining = new("lazaret.certificate.remaining", "s", "Time until the node's TLS certificate is over; absent without one");
    public static readonly Gauge AuditSequence = new("lazaret.audit.sequence", "", "Number of the last entry of the audit");
    public static readonly Gauge AuditUnlinked = new("lazaret.audit.unlinked", "", "How far the last link of the chain is behind the last entry");
    public static readonly Gauge AuditUnsigned = new("lazaret.audit.unsigned", "{link}", "Links that no checkpoint signs yet");
    public static readonly Gauge CheckpointAge = new("lazaret.audit.checkpoint_age", "s", "Age of the last checkpoint where links wait for the next; else 0");
    public static readonly Gauge ChainFaults = new("lazaret.audit.chain_faults", "{fault}", "Faults of the chain that this process found in what was linked since its start");
    public static readonly Gauge StoreStale = new("lazaret.store.stale", "", "1 where the cohort store is not of the data view as it now is, and jobs wait for it to be built; absent without a data view");
    public static readonly Gauge Measured = new("lazaret.measured.age", "s", "Time since the last whole measurement");

    public static readonly IReadOnlyList<Gauge> OfAudit = [AuditSequence, AuditUnlinked, AuditUnsigned, CheckpointAge];

    public static readonly IReadOnlyList<Gauge> OfMachine = [DiskFree, DiskSize, KeyAge, CertificateRemaining, StoreStale];

    public static readonly IReadOnlyList<Gauge> OfDatabase =
        [Depth, OldestQueued, Silent, Webhooks, OldestWebhook, DatabaseLatency, DatabaseSize, BackupAge, .. OfAudit];

    public static readonly IReadOnlyList<Gauge> All =
        [Ready, Checks, .. OfDatabase, DatabaseUp, .. OfMachine, ChainFaults];
}
