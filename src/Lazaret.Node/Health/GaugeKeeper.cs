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

    private readonly Outage _measuring = new(logger, "The node cannot be measured, and its gauges are not shown");
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
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(Patience);
        try
        {
            machine.Measure(runsJobs: role != NodeRole.Api);
            var ready = await readiness.RunAsync(role, patience.Token);
            log.Note(ready);
            (string Name, Capability Capability)[] capabilities = [("admission", ready.Admission), ("cohort", ready.Cohort), ("diagnosis", ready.Diagnosis)];
            board.Set(GaugeNames.Ready, [.. capabilities.Where(one => one.Capability.Used)
                .Select(one => new Measurement<double>(one.Capability.Ready ? 1 : 0, new KeyValuePair<string, object?>("capability", one.Name)))]);
            await database.MeasureAsync(patience.Token);
            await audit.MeasureAsync(patience.Token);
            Volatile.Write(ref _measured, time.GetTimestamp());
            _measuring.Passed();
            if (ready.Admission.Ready)
                requests.Passed();
        }
        catch (Exception e)
        {
            if (stoppingToken.IsCancellationRequested)
                return;
            board.Clear(GaugeNames.OfDatabase);
            board.Set(GaugeNames.DatabaseUp, 0);
            _measuring.Failed(e);
        }
    }
}
