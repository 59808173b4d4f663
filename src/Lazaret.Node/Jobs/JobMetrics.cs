using System.Diagnostics.Metrics;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Jobs;

/// <summary>Requests and runs, counted. The labels are kinds, decisions, outcomes and backends: never a requester, a subject or a value.</summary>
public sealed class JobMetrics
{
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _runs;
    private readonly Counter<long> _lapsed;

    public JobMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryServices.Name);
        _requests = meter.CreateCounter<long>("lazaret.requests", "{request}", "Requests for a job, by kind and decision");
        _runs = meter.CreateHistogram<double>("lazaret.runs", "s", "Duration of runs, by kind, backend and outcome");
        _lapsed = meter.CreateCounter<long>("lazaret.leases.lapsed", "{lease}", "Runs whose worker fell silent, by kind");
    }

    /// <summary>Has the counter be there before it counts: an alert sees no first increase of one that is not.</summary>
    public void Begin() => Array.ForEach(Enum.GetValues<JobKind>(), kind => _lapsed.Add(0, new KeyValuePair<string, object?>("kind", kind.ToString())));

    /// <summary>A worker's job was taken from it.</summary>
    public void LeaseLapsed(JobKind kind) => _lapsed.Add(1, new KeyValuePair<string, object?>("kind", kind.ToString()));

    /// <summary>A request was decided on: <c>admitted</c>, <c>refused</c>, <c>data_required</c>, <c>repeated</c>.</summary>
    public void Requested(JobKind kind, string decision) => _requests.Add(1, new("kind", kind.ToString()), new("decision", decision));

    public void RunEnded(JobKind kind, string backend, string outcome, TimeSpan wall) =>
        _runs.Record(wall.TotalSeconds, new("kind", kind.ToString()), new("backend", backend), new("outcome", outcome));
}
