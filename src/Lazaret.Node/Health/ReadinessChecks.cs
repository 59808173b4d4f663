using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Jobs.Dispatch;

namespace Lazaret.Node.Health;

/// <summary>What <c>/readyz</c> checks, by name, and those checks that <c>lazaret doctor</c> makes too, so that both say the same of the same thing.</summary>
internal sealed class ReadinessChecks(IServiceProvider services, HealthOptions options)
{
    public const string Database = "database";
    public const string Schema = "schema";
    public const string DiskOfState = "disk";
    public const string Keys = "keys";
    public const string Queue = "queue";
    public const string Certificate = "certificate";
    public const string ClientCertificates = "client_certificates";
    public const string Data = "data_view";
    public const string Images = "images";

    /// <summary>The room below a folder.</summary>
    public Check Disk(string folder) => Check.Of(FreeDisk.Of(folder) is { } free && free.Bytes < (long)options.MinimumFreeMiB << 20
        ? $"below {folder} {free.Bytes >> 20} MiB are free, of {options.MinimumFreeMiB} that are needed: make room, or move the folder"
        : null);

    /// <summary>Not needed: while Redis is away, the database hands out the jobs.</summary>
    /// <exception cref="InputException">Redis is the queue, and nothing says where it is.</exception>
    public async Task<Check> QueueAsync(CancellationToken cancellationToken) =>
        Check.Of(services.GetService<RedisConnection>() is { } redis ? await redis.FaultAsync(cancellationToken) : null, needed: false);

    public Check RevocationLists() => Check.Of(services.GetRequiredService<RevocationLists>().Fault());

    public Check DataView() =>
        Check.Of(services.GetRequiredService<CohortSite>().Read(out var why) is { } data ? services.GetRequiredService<ReadableData>().Fault(data.View) : why);
}
