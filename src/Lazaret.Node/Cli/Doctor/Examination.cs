using System.Data.Common;
using System.Globalization;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>Looks at everything a node needs.</summary>
internal static class Examination
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(NodeOptions options, IConfiguration configuration, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddLogging().AddLazaret(options, configuration).BuildServiceProvider();
        // First: a probe runs on a thread with a network namespace of its own, and a thread of the pool that is started from there reaches no server.
        var stores = await ExamineStoresAsync(services, options, cancellationToken);
        if (stores is [{ Ok: false }])
            return stores;

        var findings = new List<Finding>();
        var probes = await services.GetRequiredService<SandboxBackends>().ProbeAsync(cancellationToken);
        var chosen = options.Sandbox.Backend == SandboxBackends.Auto
            ? probes.TakeWhile(probe => !probe.Probe.IsRefused).FirstOrDefault(probe => probe.Probe is { Available: true, OnlyByName: false }).Backend?.Name
            : options.Sandbox.Backend;
        foreach (var (backend, probe) in probes)
        {
            var isChosen = backend.Name == chosen;
            var why = string.Join(". ", probe.Lacks.Prepend(probe.Why).Prepend(isChosen ? "chosen" : "").Where(text => text.Length > 0));
            findings.Add(new Finding($"sandbox {backend.Name}", probe.Available, isChosen, why));
        }

        if (chosen is null)
            findings.Add(new Finding("sandbox", Ok: false, Needed: true, "none runs here: see above"));
        findings.AddRange(stores);
        var guest = services.GetRequiredService<GuestProgram>();
        findings.Add(new Finding("guest program", guest.Fault() is null, Needed: true, guest.Fault() ?? guest.Root));
        if (options.Tls.IsSet)
            findings.Add(ExamineCertificate(options.Tls));
        if (options.Auth.Takes(AuthModes.Mtls))
            findings.Add(ExamineAuthorities(services));
        IReadOnlyList<string> lacks = NodeEnvironment.Current.IsProduction ? [.. Production.Faults(options, ListenAddresses.Split(configuration["urls"]))] : [];
        findings.Add(new Finding("environment", Ok: lacks.Count == 0, Needed: true, string.Join(". ", lacks.Prepend(NodeEnvironment.Current.Name))));
        return findings;
    }

    private static Finding ExamineState(StateFolder state)
    {
        const string What = "state folder";
        try
        {
            return state.Faults() is [_, ..] faults
                ? new Finding(What, Ok: false, Needed: true, string.Join("; ", faults))
                : new Finding(What, Ok: true, Needed: true, Directory.Exists(state.Root) ? state.Root : $"none yet: the first start makes {state.Root}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding(What, Ok: false, Needed: true, e.Message);
        }
    }

    private static async Task<List<Finding>> ExamineStoresAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var state = ExamineState(services.GetRequiredService<StateFolder>());
        // A state folder that others may have written to is not opened. Sandboxes, database and keys lie in it, so they are not examined.
        if (!state.Ok)
            return [state];
        return
        [
            state,
            await ExamineDatabaseAsync(services, options, cancellationToken),
            await KeyExamination.RunAsync(services, options, cancellationToken),
            ExamineSigningKey(services.GetRequiredService<SigningKeyFile>()),
            await ExamineImagesAsync(services, cancellationToken),
            options.Queue.Provider == QueueOptions.Redis
                ? await ExamineRedisAsync(services)
                : new Finding("queue database", Ok: true, Needed: true, "the table of jobs"),
            ExamineData(services.GetRequiredService<CohortSite>()),
        ];
    }

    private static async Task<Finding> ExamineDatabaseAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var what = $"database {options.Database.Provider}";
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        var file = (db as SqliteLazaretDb)?.File;
        var where = file ?? "ConnectionStrings:Lazaret";
        try
        {
            // Only looks, and makes no file: a file that root makes could not be opened by the node's own user.
            if (file is not null && !File.Exists(file))
                return new Finding(what, Ok: true, Needed: true, $"none yet: the first start makes {where}");
            // If the database cannot be reached, this throws with the reason. The next line alone would treat it as a database that does not exist yet.
            await db.Database.OpenConnectionAsync(cancellationToken);
            var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            if (pending > 0)
                return new Finding(what, Ok: options.Database.AutoMigrate, Needed: true, $"{pending} migrations to apply: 'lazaret migrate', or the next start");
            var faults = await services.GetRequiredService<SchemaCheck>().FaultsAsync(cancellationToken);
            return faults.Count == 0
                ? new Finding(what, Ok: true, Needed: true, $"up to date, {where}")
                : new Finding(what, Ok: false, Needed: true, $"{where}: {string.Join("; ", faults.Select(fault => fault.What))}: the node's start says what to do");
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return new Finding(what, Ok: false, Needed: true, $"{where}: {e.Message}");
        }
    }

    private static Finding ExamineSigningKey(SigningKeyFile file)
    {
        const string What = "audit key";
        try
        {
            return new Finding(What, Ok: true, Needed: true, file.Find() is { } key
                ? $"{key.Name}, in {file.Path}; public key {Convert.ToBase64String(key.PublicKey)}"
                : $"none yet: the first start makes {file.Path}");
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return new Finding(What, Ok: false, Needed: true, e.Message);
        }
    }

    private static Finding ExamineAuthorities(ServiceProvider services)
    {
        const string What = "client certificates";
        try
        {
            var authorities = string.Join("; ", services.GetRequiredService<CertificateAuthorities>().All.Select(authority => authority.Subject));
            return services.GetRequiredService<RevocationLists>().Fault() is { } fault
                ? new Finding(What, Ok: false, Needed: true, fault)
                : new Finding(What, Ok: true, Needed: true, $"of {authorities}");
        }
        catch (InputException e)
        {
            return new Finding(What, Ok: false, Needed: true, e.Message);
        }
    }

    private static Finding ExamineCertificate(TlsOptions options)
    {
        const string What = "certificate";
        try
        {
            using var certificate = new CertificateFiles(options, TimeProvider.System).Read().TargetCertificate;
            return new Finding(What, Ok: true, Needed: true, string.Create(CultureInfo.InvariantCulture, $"{certificate.Subject}, valid until {certificate.NotAfter.ToUniversalTime():u}"));
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return new Finding(What, Ok: false, Needed: true, e.Message);
        }
    }

    /// <summary>Null when there is no database yet. It is not made, either, as opening SQLite's file would.</summary>
    internal static async Task<bool?> IsUpToDateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        if (db is SqliteLazaretDb { File: var file } && !File.Exists(file))
            return null;
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (!(await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
            return null;
        return !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
    }

    private static async Task<Finding> ExamineRedisAsync(IServiceProvider services)
    {
        const string What = "queue redis";
        try
        {
            var took = await (await services.GetRequiredService<RedisConnection>().OpenAsync()).GetDatabase().PingAsync();
            return new Finding(What, Ok: true, Needed: true, string.Create(CultureInfo.InvariantCulture, $"answers in {took.TotalMilliseconds:F1} ms"));
        }
        catch (Exception e) when (e is RedisException or TimeoutException or InputException)
        {
            return new Finding(What, Ok: false, Needed: true, e is InputException ? e.Message : "does not answer: see ConnectionStrings:Redis");
        }
    }

    private static async Task<Finding> ExamineImagesAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        const string What = "images";
        try
        {
            if (await IsUpToDateAsync(services, cancellationToken) is not true)
                return new Finding(What, Ok: true, Needed: false, "which programs are registered is known once the database is there and up to date");
            var lacks = (await services.GetRequiredService<WorkerMeans>().FindAsync(cancellationToken)).Where(lack => lack is { What: "models" or "analyses" }).ToList();
            if (lacks.Count == 0)
                return new Finding(What, Ok: true, Needed: true, "of every registered program");
            await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
            var programs = lacks.Select(lack => lack.Program).ToList();
            var waiting = await db.Jobs.CountAsync(job => job.State == JobState.Queued && programs.Contains(job.Program), cancellationToken);
            return new Finding(What, Ok: false, Needed: true, $"{string.Join("; ", lacks.Select(lack => lack.Why))}. {waiting} jobs wait for a worker that has them");
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // The database's own line says why.
            return new Finding(What, Ok: true, Needed: false, "which programs are registered is not known while the database does not answer");
        }
    }

    private static Finding ExamineData(CohortSite site)
    {
        var configured = !site.IsUnused;
        if (site.Read(out var why) is not { } data)
            return new Finding("data view", Ok: false, Needed: configured, why);
        var faults = data.View.Faults.Total == 0 ? "" : $", faults: {data.View.Faults.Total} ('lazaret site check' lists them)";
        return DataAccess.Fault(data.View) is { } closed
            ? new Finding("data view", Ok: false, Needed: configured, closed)
            : new Finding("data view", Ok: true, Needed: configured, $"{data.View.Rows.Count} rows, grid {data.View.Grid}{faults}");
    }
}
