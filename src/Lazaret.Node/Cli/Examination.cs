using System.Data.Common;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Configuration;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

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
        var findings = new List<Finding>();

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
        findings.Add(new Finding("queue database", Ok: true, Needed: true, "the table of jobs"));
        findings.Add(ExamineData(services.GetRequiredService<CohortSite>(), options));
        var guest = services.GetRequiredService<GuestProgram>();
        findings.Add(new Finding("guest program", guest.Fault() is null, Needed: true, guest.Fault() ?? guest.Root));
        findings.Add(new Finding("environment", Ok: !NodeEnvironment.Current.IsProduction || options.Auth.Modes.Count > 0, Needed: true, NodeEnvironment.Current.Name));
        return findings;
    }

    private static async Task<Finding> ExamineDatabaseAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var what = $"database {options.Database.Provider}";
        var state = services.GetRequiredService<StateFolder>();
        try
        {
            // Looks, and leaves nothing behind: as root it would leave what the node's own user cannot open.
            if (!File.Exists(state.Database))
                return new Finding(what, Ok: true, Needed: true, $"none yet: the first start makes {state.Database}");
            await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
            var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            return pending == 0
                ? new Finding(what, Ok: true, Needed: true, $"up to date, {state.Database}")
                : new Finding(what, Ok: options.Database.AutoMigrate, Needed: true, $"{pending} migrations to apply: 'lazaret migrate', or the next start");
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return new Finding(what, Ok: false, Needed: true, $"{state.Database}: {e.Message}");
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
