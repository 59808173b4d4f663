using System.ComponentModel;
using System.Data.Common;
using System.Globalization;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Configuration;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace Lazaret.Node.Cli;

/// <summary>One thing that this machine or this configuration can do, or not.</summary>
/// <param name="What">The thing.</param>
/// <param name="Ok">Whether it is there.</param>
/// <param name="Needed">Whether the node, so configured, needs it.</param>
/// <param name="Why">One line: what it is good for, or what to do about it.</param>
public sealed record Finding(string What, bool Ok, bool Needed, string Why);

/// <summary>Looks at everything a node needs.</summary>
public static class Examination
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(NodeOptions options, IConfiguration configuration, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddLogging().AddLazaret(options, configuration).BuildServiceProvider();
        // What others may have laid there is not opened, and sandboxes, database and keys lie there.
        var state = ExamineState(services.GetRequiredService<StateFolder>());
        if (!state.Ok)
            return [state];
        var findings = new List<Finding> { state };

        var probes = await services.GetRequiredService<SandboxBackends>().ProbeAsync(cancellationToken);
        var chosen = options.Sandbox.Backend == SandboxBackends.Auto
            ? probes.FirstOrDefault(probe => probe.Probe is { Available: true, OnlyByName: false }).Backend?.Name
            : options.Sandbox.Backend;
        foreach (var (backend, probe) in probes)
        {
            var isChosen = backend.Name == chosen;
            var why = string.Join(". ", probe.Lacks.Prepend(probe.Why).Prepend(isChosen ? "chosen" : "").Where(text => text.Length > 0));
            findings.Add(new Finding($"sandbox {backend.Name}", probe.Available, isChosen, why));
        }

        if (chosen is null)
            findings.Add(new Finding("sandbox", Ok: false, Needed: true, "none runs here: see above"));
        findings.Add(await ExamineDatabaseAsync(services, options, cancellationToken));
        findings.Add(await ExamineKeysAsync(services, options, cancellationToken));
        findings.Add(options.Queue.Provider == QueueOptions.Redis
            ? await ExamineRedisAsync(services)
            : new Finding("queue database", Ok: true, Needed: true, "the table of jobs"));
        findings.Add(ExamineData(services.GetRequiredService<CohortSite>(), options));
        var guest = services.GetRequiredService<GuestProgram>();
        findings.Add(new Finding("guest program", guest.Fault() is null, Needed: true, guest.Fault() ?? guest.Root));
        findings.Add(new Finding("environment", Ok: !NodeEnvironment.Current.IsProduction || options.Auth.Modes.Count > 0, Needed: true, NodeEnvironment.Current.Name));
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return new Finding(What, Ok: false, Needed: true, e.Message);
        }
    }

    private static async Task<Finding> ExamineDatabaseAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var what = $"database {options.Database.Provider}";
        var state = services.GetRequiredService<StateFolder>();
        var isFile = options.Database.Provider == DatabaseOptions.Sqlite;
        var where = isFile ? state.Database : "ConnectionStrings:Lazaret";
        try
        {
            // Looks, and leaves nothing behind: as root it would leave what the node's own user cannot open.
            if (isFile && !File.Exists(state.Database))
                return new Finding(what, Ok: true, Needed: true, $"none yet: the first start makes {where}");
            await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
            // Says why it cannot be reached, where the next line would take it for one that is yet to be made.
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

    private static async Task<Finding> ExamineKeysAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var rings = services.GetRequiredService<CurrentKeyRing>();
        var what = $"keys {options.Keys.Source}";
        try
        {
            if (rings.Source is KeyFile { Exists: false } && !NodeEnvironment.Current.IsProduction)
                return new Finding(what, Ok: true, Needed: true, $"none yet: the first start makes {rings.Source.Place}");
            var ring = rings.Get();
            var why = $"{ring.Keys.Count} in {rings.Source.Place}, the primary is {ring.Primary.Id}";
            return await CountLostAsync(services, options, ring, cancellationToken) is var lost and > 0
                ? new Finding(what, Ok: false, Needed: true, $"{lost} records lie under keys that are not in the ring: put the ring back that was in use. {why}")
                : new Finding(what, Ok: true, Needed: true, why);
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return new Finding(what, Ok: false, Needed: true, e.Message);
        }
    }

    // None when the database is away, or yet to be made: its own line says so.
    private static async Task<long> CountLostAsync(IServiceProvider services, NodeOptions options, KeyRing ring, CancellationToken cancellationToken)
    {
        if (options.Database.Provider == DatabaseOptions.Sqlite && !File.Exists(services.GetRequiredService<StateFolder>().Database))
            return 0;
        try
        {
            return await services.GetRequiredService<SealedRecords>().CountLostAsync(ring, cancellationToken);
        }
        catch (DbException)
        {
            return 0;
        }
    }

    private static Finding ExamineData(CohortSite site, NodeOptions options)
    {
        var configured = options.Data != new DataOptions();
        if (site.Read(out var why) is not { } data)
            return new Finding("data view", Ok: false, Needed: configured, why);
        var faults = data.View.Faults.Count == 0 ? "" : $", {data.View.Faults.Count} faults: 'lazaret site check' lists them";
        return DataAccess.Fault(data.View) is { } closed
            ? new Finding("data view", Ok: false, Needed: configured, closed)
            : new Finding("data view", Ok: true, Needed: configured, $"{data.View.Rows.Count} rows, grid {data.View.Grid}{faults}");
    }
}
