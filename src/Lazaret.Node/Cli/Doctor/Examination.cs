using System.Data.Common;
using System.Globalization;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Health;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Linux;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>Looks at everything a node needs.</summary>
internal static class Examination
{
    private const string StateWhat = "state folder";

    public static async Task<IReadOnlyList<Finding>> RunAsync(NodeOptions options, IConfiguration configuration, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddLogging().AddLazaret(options, configuration).BuildServiceProvider();
        // First: a probe runs on a thread with a network namespace of its own, and a thread of the pool that is started from there reaches no server.
        var stores = await ExamineStoresAsync(services, options, cancellationToken);
        if (stores is [.., { What: StateWhat, Ok: false }])
            return stores;

        var probes = await services.GetRequiredService<SandboxBackends>().ProbeAsync(cancellationToken);
        List<Finding> findings = [.. SandboxExamination.Run([.. probes.Select(probe => (probe.Backend.Name, probe.Probe))], options.Sandbox.Backend, MachineExamination.IsBesideUnits, out var chosen)];
        findings.AddRange(stores);
        var guest = services.GetRequiredService<GuestProgram>();
        findings.Add(Finding.Of("guest program", guest.Fault(), guest.Root, "install the node whole: cp -r artifacts/lazaret /opt/lazaret"));
        findings.AddRange(MachineExamination.Kernel(needed: chosen is null));
        findings.AddRange(MachineExamination.Limits(options.Http));
        if (options.Tls.IsSet)
            findings.Add(ExamineCertificate(options.Tls, services.GetRequiredService<StateFolder>()) with { Check = ReadinessChecks.Certificate });
        if (options.Auth.Takes(AuthModes.Mtls))
            findings.Add(ExamineAuthorities(services));
        List<string> lacks = [.. Production.FaultsHere(options, ListenAddresses.Split(configuration["urls"]))];
        findings.Add(Finding.Of("environment", lacks.Count > 0 ? string.Join(". ", lacks) : null, NodeEnvironment.Current.Name, "set what the line names; 'lazaret init --production' writes a configuration that has all of it"));
        if (lacks.Count == 0 && NodeEnvironment.Current.Doubt is { } doubt)
            findings[^1] = Finding.No("environment", doubt, "set DOTNET_ENVIRONMENT=Production, or Development", needed: false);
        return findings;
    }

    private static Finding ExamineState(StateFolder state)
    {
        try
        {
            return state.Faults() is [_, ..] faults
                ? Finding.No(StateWhat, string.Join("; ", faults), Finding.MendOf(faults[0]))
                : Finding.Yes(StateWhat, Directory.Exists(state.Root) ? state.Root : $"none yet: the first start makes {state.Root}");
        }
        catch (UnauthorizedAccessException e) when (e.Message.Contains($"{state.Root}/", StringComparison.Ordinal))
        {
            // Something in it is another user's, such as what root made by hand.
            return Finding.No(StateWhat, e.Message, $"chown -R --reference={state.Root} {state.Root}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.No(StateWhat, e.Message, $"chmod 700 {state.Root}, by the user to whom it belongs: ls -ld {state.Root}");
        }
    }

    /// <summary>All but the machine and its sandboxes.</summary>
    internal static async Task<List<Finding>> ExamineStoresAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var folder = services.GetRequiredService<StateFolder>();
        var state = ExamineState(folder);
        // A state folder that others may have written to is not opened. Sandboxes, database and keys lie in it, so they are not examined.
        if (!state.Ok)
            return [state];
        var checks = services.GetRequiredService<ReadinessChecks>();
        var (database, answers) = await DatabaseExamination.RunAsync(services, options, cancellationToken);
        return
        [
            state,
            MachineExamination.Writable(folder, checks),
            .. MachineExamination.Disks(folder, checks),
            database,
            .. answers ? await MachineExamination.DatabaseAsync(services, isSaid: !database.Ok, cancellationToken) : [],
            await KeyExamination.RunAsync(services, options, answers, cancellationToken) with { Check = ReadinessChecks.Keys },
            ExamineSigningKey(services.GetRequiredService<SigningKeyFile>(), folder, isNeeded: database.Ok && await HasSignedAsync(services, cancellationToken)),
            .. await ExamineCopiesAsync(services, isThere: database.Ok, cancellationToken),
            await ExamineImagesAsync(services, answers, cancellationToken) with { Check = ReadinessChecks.Images },
            options.Queue.Provider == QueueOptions.Redis
                ? await ExamineRedisAsync(checks, cancellationToken)
                : Finding.Yes("queue database", "the table of jobs"),
            ExamineData(services.GetRequiredService<CohortSite>(), checks),
            .. ExamineVolumes(services.GetRequiredService<CohortSite>(), folder),
        ];
    }

    /// <summary>Whether the audit has checkpoints, and so once had a key.</summary>
    private static async Task<bool> HasSignedAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (await DatabaseExamination.IsUpToDateAsync(services, cancellationToken) != true)
            return false;
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        return await db.AuditCheckpoints.AnyAsync(cancellationToken);
    }

    private static Finding ExamineSigningKey(SigningKeyFile file, StateFolder state, bool isNeeded)
    {
        const string What = "audit key";
        var mend = $"put its copy back ({Installing.Of(state.Root, "COPY", file.Path)})";
        try
        {
            if (isNeeded && file.Find() is null)
                return Finding.No(What, $"{file.Path} is gone, with which this audit was signed: the next start makes another", $"{mend}; without one, start the node: receipts and checkpoints of before hold by the public key, which the audit keeps");
            return Finding.Yes(What, file.Find() is { } key
                ? $"{key.Name}, in {file.Path}; public key {Convert.ToBase64String(key.PublicKey)}"
                : $"none yet: the first start makes {file.Path}");
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return Finding.No(What, e.Message, $"chmod 600 {file.Path}, or {mend}; without one, remove it, and the next start makes another");
        }
    }

    /// <summary>Only where the file of the checkpoints' copies cannot be used, or has what the database lacks.</summary>
    private static async Task<IEnumerable<Finding>> ExamineCopiesAsync(IServiceProvider services, bool isThere, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<CheckpointCopies>().File is not { } file)
            return [];
        var fault = StrictModes.FaultOfEntry(file, folder: false);
        if (fault is null && isThere && await DatabaseExamination.IsUpToDateAsync(services, cancellationToken) == true)
        {
            await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
            fault = await services.GetRequiredService<OlderDatabase>().FaultAsync(db, cancellationToken);
        }

        return fault is null ? [] : [Finding.No("audit copies", fault, Finding.MendOf(fault))];
    }

    private static Finding ExamineAuthorities(ServiceProvider services)
    {
        const string What = "client certificates";
        try
        {
            var authorities = string.Join("; ", services.GetRequiredService<CertificateAuthorities>().All.Select(authority => authority.Subject));
            return Finding.Of(
                What, ReadinessChecks.ClientCertificates, services.GetRequiredService<ReadinessChecks>().RevocationLists(), $"of {authorities}", "put the authority's new list in the place of the old one (Lazaret:Auth:Mtls:Crl)");
        }
        catch (InputException e)
        {
            return Finding.No(What, e.Message, "set Lazaret:Auth:Mtls:Authorities");
        }
    }

    private static string Renewal(TlsOptions options, StateFolder state) => options.Key.Length == 0
        ? $"put a new certificate with its key in place: {Installing.Of(state.Root, "NEW", $"{options.Certificate}.new")} && mv {options.Certificate}.new {options.Certificate}"
        : $"put a new certificate and its key in place: {Installing.Of(state.Root, "NEW.key", $"{options.Key}.new")} && mv {options.Key}.new {options.Key}; install -m 644 NEW.crt {options.Certificate}.new && mv {options.Certificate}.new {options.Certificate}";

    private static Finding ExamineCertificate(TlsOptions options, StateFolder state)
    {
        const string What = "certificate";
        try
        {
            using var certificate = new CertificateFiles(options, TimeProvider.System).Read().TargetCertificate;
            var until = string.Create(CultureInfo.InvariantCulture, $"{certificate.Subject}, valid until {certificate.NotAfter.ToUniversalTime():u}");
            var isSoonOver = certificate.NotAfter.ToUniversalTime() - TimeProvider.System.GetUtcNow().UtcDateTime < Attention.Certificate;
            return Finding.Of(What, isSoonOver ? $"is soon over: {until}" : null, until, Renewal(options, state));
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return Finding.No(What, e.Message, Finding.OwnMendOf(e.Message) ?? Renewal(options, state));
        }
    }

    private static async Task<Finding> ExamineRedisAsync(ReadinessChecks checks, CancellationToken cancellationToken)
    {
        const string What = "queue redis";
        const string Mend = "start the server (systemctl start redis-server), or set ConnectionStrings:Redis";
        try
        {
            var check = await checks.QueueAsync(cancellationToken);
            // What a server that answers needs stands behind the semicolon.
            return Finding.Of(What, ReadinessChecks.Queue, check, "answers, and takes what is written", check.Why.Split("; ") is [_, .., var own] ? own : Mend);
        }
        catch (InputException e)
        {
            return Finding.No(What, e.Message, Mend);
        }
    }

    private static async Task<Finding> ExamineImagesAsync(IServiceProvider services, bool answers, CancellationToken cancellationToken)
    {
        const string What = "images";
        // The database's own line says why.
        var unknown = Finding.Yes(What, "which programs are registered is not known while the database does not answer", needed: false);
        if (!answers)
            return unknown;
        try
        {
            if (await DatabaseExamination.IsUpToDateAsync(services, cancellationToken) is not true)
                return Finding.Yes(What, "which programs are registered is known once the database is there and up to date", needed: false);
            var lacks = (await services.GetRequiredService<WorkerMeans>().FindAsync(cancellationToken)).Where(lack => lack is { What: "models" or "analyses" }).ToList();
            if (lacks.Count == 0)
                return Finding.Yes(What, "of every registered program");
            await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
            var programs = lacks.Select(lack => lack.Program).ToList();
            var waiting = await db.Jobs.CountAsync(job => job.State == JobState.Queued && programs.Contains(job.Program), cancellationToken);
            return Finding.No(
                What,
                $"{string.Join("; ", lacks.Select(lack => lack.Why))}. {waiting} jobs wait for a worker that has them",
                $"copy them (docs/deploy.md, 'Several hosts'), or put each back from the folder that it was registered from: {string.Join(", ", lacks.Select(lack => $"lazaret {lack.What} add MANIFEST").Distinct())}");
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return unknown;
        }
    }

    private static Finding ExamineData(CohortSite site, ReadinessChecks checks)
    {
        const string What = "data view";
        var look = $"'lazaret site check {(site.IsUnused ? "DIR" : site.Directory)}'";
        if (site.Directory.Length == 0)
            return Finding.Yes(What, "none, by choice: Lazaret:Data:View is empty, and this node only diagnoses", needed: false);
        var mend = $"mount it, or set Lazaret:Data:View; {look} says what it holds";
        if (site.Read(CohortSite.Leisure, out var why) is not { } data)
            return site.IsUnused ? Finding.No(What, why, mend, needed: false) : Finding.Of(What, ReadinessChecks.Data, checks.DataView(CohortSite.Leisure), "", Finding.OwnMendOf(why) is { } own && own.StartsWith("chmod ", StringComparison.Ordinal) ? own : mend);
        var faults = data.View.Faults.Total == 0 ? "" : $", faults: {data.View.Faults.Total} ({look} lists them)";
        var check = checks.DataView(CohortSite.Leisure);
        return Finding.Of(What, ReadinessChecks.Data, check, $"{data.View.Rows.Count} rows, grid {data.View.Grid}{faults}", check.Ok ? "" : Finding.MendOf(check.Why));
    }

    /// <summary>Only where some cannot be used. Jobs are answered about the others, so the site may leave it so.</summary>
    private static IEnumerable<Finding> ExamineVolumes(CohortSite site, StateFolder state)
    {
        if (site.Read(CohortSite.Leisure, out _) is not { View.Rows: var rows } || CountUnusable(state, rows) is not (var unusable and > 0))
            return [];
        var why = string.Create(CultureInfo.InvariantCulture, $"{unusable} of {rows.Count} cannot be used, and their people are in no answer");
        return [Finding.No("volumes", why, $"lazaret site check {StrictModes.Quoted(site.Directory)}", needed: false)];
    }

    private static int CountUnusable(StateFolder state, IReadOnlyList<CohortRow> rows)
    {
        try
        {
            using var store = CohortStore.Open(state.CohortStore);
            return rows.Count(row => store.StateOf(row).State == VolumeState.Unusable);
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            // There is none yet, or it is made anew.
            return 0;
        }
    }
}
