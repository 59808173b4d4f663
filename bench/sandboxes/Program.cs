using System.Diagnostics;
using System.Globalization;
using Lazaret.Node.Configuration;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Oci;
using Lazaret.Node.Sandboxes.Waiting;
using Lazaret.Node.Storage;
using Lazaret.SandboxBench;
using Microsoft.Extensions.Logging.Abstractions;

// SandboxBench REPOSITORY [ROUNDS]: after ./lazaret --version, as root.
var repository = Path.GetFullPath(args[0]);
var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
var built = Path.Combine(repository, "artifacts/lazaret");
var folder = Directory.CreateTempSubdirectory("lazaret-bench-");
var state = new StateFolder(Path.Combine(folder.FullName, "state"), readers: 0);
File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
try
{
    using (var build = Process.Start(new ProcessStartInfo(Path.Combine(built, "lazaret"), ["sandbox", "build"]) { Environment = { ["Lazaret__State"] = state.Root } })!)
        await build.WaitForExitAsync();
    Workload[] workloads =
    [
        Workload.NoOp(folder.FullName), Workload.News2(built),
        Workload.Analysis(built, Path.Combine(repository, "tests/Lazaret.Tests/Cohort/data/tiny_site")),
    ];
    var contenders = new List<(string Name, Func<SandboxRun, Task<SandboxUsage?>> Run)>();
    foreach (var options in (SandboxOptions[])
        [
            new() { Backend = "bubblewrap" }, new() { Backend = "bubblewrap", WarmPool = new WarmPoolOptions { Size = 10 } },
            new() { Backend = "oci", Oci = new OciOptions { Runtime = "crun" } }, new() { Backend = "oci", Oci = new OciOptions { Runtime = "runc" } }, new() { Backend = "gvisor" }, new() { Backend = "microvm" },
        ])
    {
        var name = options switch
        {
            { Backend: "oci" } => $"oci, {options.Oci.Runtime}",
            { WarmPool.Size: > 0 } => $"{options.Backend}, in waiting",
            _ => options.Backend,
        };
        try
        {
            var sandbox = await new SandboxBackends(options, state, new NodeEnvironment("Production"), TimeProvider.System, NullLoggerFactory.Instance)
                .ChooseAsync(CancellationToken.None);
            contenders.Add((name, async run => await sandbox.RunAsync(run, CancellationToken.None) is SandboxOutcome.Completed done
                ? done.Usage
                : throw new InvalidOperationException($"{name} did not complete")));
        }
        catch (SandboxException e)
        {
            Console.WriteLine($"{name} is not here: {e.Message}");
        }
    }

    if (Podman.FaultOf(workloads[0].Run) is { } fault)
    {
        Console.WriteLine($"podman is not here: {fault}");
    }
    else
    {
        contenders.Add(("podman", run => Task.Run(() =>
        {
            Podman.Run(run);
            return (SandboxUsage?)null;
        })));
    }

    Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}; medians of {rounds}, ms\n");
    Console.WriteLine($"| | {string.Join(" | ", workloads.Select(workload => workload.Name))} | no-op: slowest | 2 at once, each | 8 at once, each | memory of a no-op |");
    Console.WriteLine($"|---{string.Concat(Enumerable.Repeat("|---", workloads.Length + 4))}|");
    var cells = contenders.ToDictionary(contender => contender.Name, _ => new List<string>());
    foreach (var workload in workloads)
    {
        // Turn by turn, so that whatever else the machine does meets all of them.
        var times = contenders.ToDictionary(contender => contender.Name, _ => new List<double>());
        foreach (var (name, run) in contenders)
            await run(workload.Run);
        for (var i = 0; i < rounds; i++)
        {
            foreach (var (name, run) in contenders)
                times[name].Add(await TimeAsync(() => run(workload.Run)));
        }

        foreach (var (name, _) in contenders)
            cells[name].Add($"{Median(times[name]):0.0}{(workload == workloads[0] && name != "podman" && times.TryGetValue("podman", out var peer) ? $" ({Median(peer) / Median(times[name]):0.0}×)" : "")}");
        if (workload == workloads[0])
        {
            foreach (var (name, _) in contenders)
                cells[name].Add($"{times[name].Max():0.0}");
        }
    }

    foreach (var (name, run) in contenders)
    {
        foreach (var together in (int[])[2, 8])
        {
            var times = new List<double>();
            for (var i = 0; i < Math.Max(rounds / 2, 1); i++)
                times.Add(await TimeAsync(() => Task.WhenAll(Enumerable.Range(0, together).Select(_ => run(workloads[0].Run)))) / together);
            cells[name].Add($"{Median(times):0.0}");
        }

        var usage = await run(workloads[0].Run);
        cells[name].Add(usage?.PeakMemory is { } peak ? $"{peak / 1048576.0:0.0} MiB" : "not counted");
        // The slowest belongs behind the workloads.
        var slowest = cells[name][1];
        cells[name].RemoveAt(1);
        cells[name].Insert(workloads.Length, slowest);
        Console.WriteLine($"| {name} | {string.Join(" | ", cells[name])} |");
    }
}
finally
{
    folder.Delete(recursive: true);
}

static async Task<double> TimeAsync(Func<Task> action)
{
    var start = Stopwatch.GetTimestamp();
    await action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
