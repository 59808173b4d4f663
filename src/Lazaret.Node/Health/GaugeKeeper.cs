using System.Diagnostics.Metrics;
using Lazaret.Node.Health.Gauges;
using Lazaret.Node.Jobs;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Health;

/// <summary>Measures, again and again, what /metrics shows of the database and the machine: a scrape costs the same whatever they hold.</summary>
internal sealed class GaugeKeeper(
    DatabaseGauges database, AuditGauges audit, MachineGauges machine, ReadinessExamination readiness, ReadinessLog log, GaugeBoard board, NodeRole role, HealthOptions options, RequestOutage requests,
    IMeterFactory meters, JobMetrics jobs, TimeProvider time, ILogger<GaugeKeeper> logger) : BackgroundService
{
    // A server that is cut off answers no query.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Outage _machine = new(logger, "The machine cannot be measured, and gauges of it are not shown");
    private readonly Outage _readiness = new(logger, "The readiness cannot be measured, and its gauge is not shown");
    private readonly Outage _database = new(logger, "The database cannot be measured, and its gauges are not shown");
    private readonly Outage _audit = new(logger, "The audit's chain cannot be measured, and its gauges are not shown");
    private long _measured = time.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        jobs.Begin();
        meters.Create(TelemetryServices.Name).CreateObservableGauge(
            GaugeNames.Measured.Name, () => time.GetElapsedTime(Volatile.Read(ref _measured)).TotalSeconds, GaugeNames.Measured.Unit, GaugeNames.Measured.Description);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.MeasureSeconds), time);
        do
            await MeasureAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task MeasureAsync(CancellationToken stoppingToken)
    {
        // Each part by itself: what is wrong with one says nothing of the others.
        var isWhole = await TryAsync(
            _machine,
            _ =>
            {
                machine.Measure(runsJobs: role != NodeRole.Api);
                return Task.CompletedTask;
            },
            GaugeNames.OfMachine,
            stoppingToken);
        isWhole &= await TryAsync(_readiness, MeasureReadinessAsync, [GaugeNames.Ready, GaugeNames.Checks], stoppingToken);
        var isUp = await TryAsync(_database, database.MeasureAsync, GaugeNames.OfDatabase, stoppingToken);
        if (!isUp && !stoppingToken.IsCancellationRequested)
            board.Set(GaugeNames.DatabaseUp, 0);
        // Without the database there is nothing to look at, and no fault either.
        isWhole &= isUp && await TryAsync(_audit, audit.MeasureAsync, GaugeNames.OfAudit, stoppingToken);
        if (isWhole)
            Volatile.Write(ref _measured, time.GetTimestamp());
    }

    private async Task MeasureReadinessAsync(CancellationToken cancellationToken)
    {
        var ready = await readiness.RunAsync(role, cancellationToken);
        log.Note(ready);
        (string Name, Capability Capability)[] capabilities = [("admission", ready.Admission), ("cohort", ready.Cohort), ("diagnosis", ready.Diagnosis)];
        board.Set(GaugeNames.Ready, [.. capabilities.Where(one => one.Capability.Used)
            .Select(one => new Measurement<double>(one.Capability.Ready ? 1 : 0, new KeyValuePair<string, object?>("capability", one.Name)))]);
        board.Set(GaugeNames.Checks, [.. ready.Examined
            .Select(name => new Measurement<double>(ready.NotReady.ContainsKey(name) ? 0 : 1, new KeyValuePair<string, object?>("check", name)))]);
        if (ready.Admission.Ready)
            requests.Passed();
    }

    /// <summary>Measures a part. What it could not measure is not shown.</summary>
    private async Task<bool> TryAsync(Outage outage, Func<CancellationToken, Task> measureAsync, IEnumerable<Gauge> gauges, CancellationToken stoppingToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(Patience);
        try
        {
            await measureAsync(patience.Token);
            outage.Passed();
            return true;
        }
        catch (Exception e)
        {
            if (stoppingToken.IsCancellationRequested)
                return false;
            board.Clear(gauges);
            outage.Failed(e);
            return false;
        }
    }
}
