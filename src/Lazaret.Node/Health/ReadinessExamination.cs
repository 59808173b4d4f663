using System.Data.Common;
using System.Net.Sockets;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Health;

/// <summary>Looks at what each kind of work needs. What fails for one kind leaves the others as they are.</summary>
internal sealed class ReadinessExamination(IServiceProvider services, ReadinessChecks shared, DatabaseProbe probe, SchemaState schema, StateFolder state, AuthOptions auth, RequestOutage requests)
{
    // A server that is cut off answers no query, and a probe must be answered. Nor does the server's client end when it is asked to: it waits for the server's word on that. So nobody waits for the client.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<Readiness> RunAsync(NodeRole role, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        // Beside the database: neither answers late because of the other.
        var queue = shared.QueueAsync(cancellationToken);
        Dictionary<string, Check> admission;
        try
        {
            admission = await AdmissionAsync(role, patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception e) when (IsAway(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            admission = WithoutDatabase(DatabaseProbe.WordsOf(e));
        }

        IReadOnlyList<Lack> lacks = [];
        try
        {
            // Who only admits refuses what no image is there for.
            if (admission[ReadinessChecks.Database].Ok)
                lacks = await (role == NodeRole.Api ? services.GetRequiredService<ProgramRun>().FindLacksAsync(ProgramKind.Model, patience.Token) : services.GetRequiredService<WorkerMeans>().FindAsync(patience.Token)).WaitAsync(patience.Token);
        }
        catch (Exception e) when (IsAway(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It went away since.
            admission = WithoutDatabase(DatabaseProbe.WordsOf(e));
        }

        // Not one of the tries above: a sandbox that does not answer says nothing of the database.
        var sandbox = role == NodeRole.Api ? null : await SandboxFaultAsync(cancellationToken);
        admission[ReadinessChecks.Queue] = await queue;
        var site = services.GetRequiredService<CohortSite>();
        var cohort = Runs(role, admission, lacks, sandbox, JobKind.Cohort);
        if (!site.IsUnused)
            cohort[ReadinessChecks.Data] = shared.DataView(CohortSite.Soon) is { Ok: false } away ? away : Check.Of(Words(lacks.Where(lack => lack.What == "data")));
        return Readiness.Of(Capability.Of(admission), Capability.Of(cohort, used: !site.IsUnused), Capability.Of(Runs(role, admission, lacks, sandbox, JobKind.Diagnosis)));
    }

    private async Task<Dictionary<string, Check>> AdmissionAsync(NodeRole role, CancellationToken cancellationToken)
    {
        DatabaseProbe.Seen seen;
        await using (var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken))
        {
            seen = await probe.LookAsync(db, cancellationToken);
            if (seen.Fault is { } fault)
                return WithoutDatabase(fault);
            _ = await db.Jobs.AnyAsync(cancellationToken);
        }

        var checks = new Dictionary<string, Check>(StringComparer.Ordinal)
        {
            [ReadinessChecks.Database] = Check.Of(
                requests.Damage is { } damage ? $"a request found the database damaged: {damage}: stop the node, and {DatabaseWords.Replace}"
                : requests.NoRoom is { } full ? $"a request could not be kept, for a disk is full: {full}"
                : null),
            [ReadinessChecks.Schema] = Check.Of(await schema.FaultAsync(cancellationToken)),
            [ReadinessChecks.Clock] = ReadinessChecks.ClockBy(seen.Skew),
            [ReadinessChecks.DiskOfState] = shared.Disk(state.Root),
            [ReadinessChecks.State] = shared.Writable(state),
            [ReadinessChecks.Keys] = Check.Of(await services.GetRequiredService<KeyGuard>().FaultAsync(cancellationToken)),
        };
        // The node answers nevertheless, and a proxy that ends TLS itself may not mind.
        var certificate = services.GetRequiredService<ServerCertificate>();
        if (certificate.Remaining is { } remaining)
            checks[ReadinessChecks.Certificate] = Check.Of(WordsOf(certificate, remaining), needed: false);
        if (role != NodeRole.Work && auth.Takes(AuthModes.Mtls))
            checks[ReadinessChecks.ClientCertificates] = shared.RevocationLists();
        return checks;
    }

    private static string? WordsOf(ServerCertificate certificate, TimeSpan remaining) =>
        remaining <= TimeSpan.Zero ? "the node's TLS certificate has expired, and clients refuse it: 'lazaret doctor' says how to put a new one in place"
        : certificate.Fault is { } fault ? $"the node goes on with the TLS certificate that it has, and would not start again with the new files: {fault}"
        : null;

    private Dictionary<string, Check> WithoutDatabase(string why) => new(StringComparer.Ordinal)
    {
        [ReadinessChecks.Database] = Check.Of(why),
        [ReadinessChecks.DiskOfState] = shared.Disk(state.Root),
        [ReadinessChecks.State] = shared.Writable(state),
    };

    private static Dictionary<string, Check> Runs(NodeRole role, Dictionary<string, Check> admission, IReadOnlyList<Lack> lacks, string? sandbox, JobKind kind)
    {
        var checks = new Dictionary<string, Check>(admission, StringComparer.Ordinal);
        if (role == NodeRole.Api && kind == JobKind.Cohort)
            return checks;
        checks[ReadinessChecks.Images] = Check.Of(Words(lacks.Where(lack => lack.Kind == kind && lack is { IsWanted: true, What: not "data" })));
        if (role != NodeRole.Api)
            checks[ReadinessChecks.Sandbox] = Check.Of(sandbox);
        return checks;
    }

    /// <summary>The process tried its sandbox when it started. It is tried again only after a run that could not be started.</summary>
    private async Task<string?> SandboxFaultAsync(CancellationToken cancellationToken)
    {
        var means = services.GetRequiredService<WorkerMeans>();
        if (means.SandboxFault is not { } fault)
            return null;
        string why;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var tried = await (await services.GetRequiredService<SandboxBackends>().ChooseAsync(patience.Token)).ProbeAsync(patience.Token);
            if (tried.Available)
                return means.SandboxFault = null;
            why = tried.Why;
        }
        catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
        {
            why = e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            why = "it does not answer";
        }

        return $"the last run could not be started ({fault}), and the sandbox does not start now: {why}";
    }

    private static string? Words(IEnumerable<Lack> lacks) => lacks.Select(lack => lack.Why).ToList() is [_, ..] words ? string.Join("; ", words) : null;

    private static bool IsAway(Exception e) => e is DbException or SocketException or TimeoutException or InvalidOperationException;
}
