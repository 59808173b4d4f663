using System.Globalization;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Health;

/// <summary>What <c>/readyz</c> checks, by name, and those checks that <c>lazaret doctor</c> makes too, so that both say the same of the same thing.</summary>
internal sealed class ReadinessChecks(IServiceProvider services, HealthOptions options)
{
    public const string Database = "database";
    public const string Schema = "schema";
    public const string DiskOfState = "disk";
    public const string State = "state";
    public const string Clock = "clock";
    public const string Keys = "keys";
    public const string Queue = "queue";
    public const string Certificate = "certificate";
    public const string ClientCertificates = "client_certificates";
    public const string Data = "data_view";
    public const string Images = "images";
    public const string Sandbox = "sandbox";

    private static readonly TimeSpan LatestClock = TimeSpan.FromSeconds(2);

    /// <summary>The room below a folder.</summary>
    public Check Disk(string folder) => Check.Of(FreeDisk.Of(folder) is { } free && free.Bytes < (long)options.MinimumFreeMiB << 20
        ? $"below {folder} {free.Bytes >> 20} MiB are free, of {options.MinimumFreeMiB} that are needed: make room, or move the folder"
        : null);

    /// <summary>Whether the node can make files there. A disk that is full is <see cref="Disk"/>'s.</summary>
    public Check Writable(StateFolder state) => Check.Of(Disk(state.Root).Ok ? state.WriteFault() : null);

    /// <summary>Not needed: the node goes on, and somebody must set the clock.</summary>
    /// <param name="skew">As <see cref="DatabaseProbe"/> found it.</param>
    public static Check ClockBy(TimeSpan skew) => Check.Of(
        skew.Duration() < LatestClock ? null
            : string.Create(CultureInfo.InvariantCulture, $"this machine's clock is {skew.Duration().TotalSeconds:F1} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the database's, and leases and the age of observations are by the clock"),
        needed: false);

    /// <summary>Not needed: while Redis is away, the database hands out the jobs.</summary>
    /// <exception cref="InputException">Redis is the queue, and nothing says where it is.</exception>
    public async Task<Check> QueueAsync(CancellationToken cancellationToken) =>
        Check.Of(services.GetService<RedisConnection>() is { } redis ? await redis.FaultAsync(cancellationToken) : null, needed: false);

    /// <summary>Needed where nobody comes in without a client certificate. Otherwise those alone are refused, and keys, tokens and people are served.</summary>
    public Check RevocationLists() => Check.Of(services.GetRequiredService<RevocationLists>().Fault(), needed: services.GetRequiredService<AuthOptions>().Modes is [AuthModes.Mtls]);

    /// <param name="patience">How long to wait for files that do not answer.</param>
    public Check DataView(TimeSpan patience)
    {
        try
        {
            return Check.Of(services.GetRequiredService<CohortSite>().Read(patience, out var why) is { } data ? services.GetRequiredService<ReadableData>().Fault(data.View, patience) : why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Check.Of($"the data view cannot be read ({e.GetType().Name}): see whether its disk or mount is well");
        }
    }
}
