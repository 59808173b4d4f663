using System.Data.Common;
using System.Net.Sockets;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Runs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Health;

/// <summary>Looks at what each kind of work needs. What fails for one kind leaves the others as they are.</summary>
internal sealed class ReadinessExamination(IServiceProvider services, SchemaState schema, StateFolder state, HealthOptions options, AuthOptions auth)
{
    // A server that is cut off answers no query, and a probe must be answered.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<Readiness> RunAsync(NodeRole role, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        Dictionary<string, Check> admission;
        try
        {
            admission = await AdmissionAsync(role, patience.Token);
        }
        catch (Exception e) when (IsAway(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            admission = new(StringComparer.Ordinal) { ["database"] = Check.Of("the database does not answer"), ["disk"] = Check.Of(DiskFault()) };
        }

        var lacks = role != NodeRole.Api && admission["database"].Ok ? await services.GetRequiredService<WorkerMeans>().FindAsync(cancellationToken) : [];
        var site = services.GetRequiredService<CohortSite>();
        var cohort = Runs(role, admission, lacks, JobKind.Cohort);
        if (!site.IsUnused)
            cohort["data_view"] = Check.Of(DataFault(site) ?? Words(lacks.Where(lack => lack.What == "data")));
        return Readiness.Of(Capability.Of(admission), Capability.Of(cohort, used: !site.IsUnused), Capability.Of(Runs(role, admission, lacks, JobKind.Diagnosis)));
    }

    private async Task<Dictionary<string, Check>> AdmissionAsync(NodeRole role, CancellationToken cancellationToken)
    {
        await using (var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken))
            _ = await db.Jobs.AnyAsync(cancellationToken);
        var checks = new Dictionary<string, Check>(StringComparer.Ordinal)
        {
            ["database"] = Check.Of(null),
            ["schema"] = Check.Of(await schema.FaultAsync(cancellationToken)),
            ["disk"] = Check.Of(DiskFault()),
            ["keys"] = Check.Of(await services.GetRequiredService<KeyGuard>().FaultAsync(cancellationToken)),
            ["queue"] = Check.Of(await QueueFaultAsync(cancellationToken), needed: false),
        };
        // The node answers nevertheless, and a proxy that ends TLS itself may not mind.
        if (services.GetRequiredService<ServerCertificate>().Remaining is { } remaining)
            checks["certificate"] = Check.Of(remaining > TimeSpan.Zero ? null : "the node's TLS certificate has expired, and clients refuse it: 'lazaret doctor' says how to put a new one in place", needed: false);
        if (role != NodeRole.Work && auth.Takes(AuthModes.Mtls))
            checks["client_certificates"] = Check.Of(services.GetRequiredService<RevocationLists>().Fault());
        return checks;
    }

    private static Dictionary<string, Check> Runs(NodeRole role, Dictionary<string, Check> admission, IReadOnlyList<Lack> lacks, JobKind kind)
    {
        var checks = new Dictionary<string, Check>(admission, StringComparer.Ordinal);
        if (role == NodeRole.Api)
            return checks;
        checks["images"] = Check.Of(Words(lacks.Where(lack => lack.Kind == kind && lack is { IsWanted: true, What: not "data" })));
        // It was tried at the start, without which the process would not run.
        checks["sandbox"] = Check.Of(null);
        return checks;
    }

    private string? DiskFault() => FreeDisk.Of(state.Root) is { } free && free.Bytes < (long)options.MinimumFreeMiB << 20
        ? $"below {state.Root} {free.Bytes >> 20} MiB are free, of {options.MinimumFreeMiB} that are needed: make room, or move the state folder"
        : null;

    // The table of jobs takes its place.
    private async Task<string?> QueueFaultAsync(CancellationToken cancellationToken) =>
        services.GetService<RedisConnection>() is { } redis && !(await redis.OpenAsync().WaitAsync(cancellationToken)).IsConnected
            ? "Redis does not answer: the database hands out the jobs"
            : null;

    private string? DataFault(CohortSite site) =>
        site.Read(out var why) is { } data ? services.GetRequiredService<ReadableData>().Fault(data.View) : why;

    private static string? Words(IEnumerable<Lack> lacks) => lacks.Select(lack => lack.Why).ToList() is [_, ..] words ? string.Join("; ", words) : null;

    private static bool IsAway(Exception e) => e is DbException or SocketException or TimeoutException or InvalidOperationException;
}
