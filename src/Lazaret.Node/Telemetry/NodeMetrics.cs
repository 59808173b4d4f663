using System.Diagnostics.Metrics;
using Lazaret.Node.Delivery;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Telemetry;

/// <summary>The node's metrics. Their labels are kinds, states and backends: never a requester, a subject or a value.</summary>
public sealed class NodeMetrics
{
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _runs;
    private readonly Histogram<double> _webhooks;

    public NodeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryServices.Name);
        _requests = meter.CreateCounter<long>("lazaret.requests", "{request}", "Requests for a job, by kind and decision");
        _runs = meter.CreateHistogram<double>("lazaret.runs", "s", "Duration of runs, by kind, backend and outcome");
        _webhooks = meter.CreateHistogram<double>("lazaret.webhooks", "s", "Duration of attempts at a webhook, by end");
    }

    /// <summary>A request was decided on: <c>admitted</c>, <c>refused</c>, <c>data_required</c>, <c>repeated</c>.</summary>
    public void Requested(JobKind kind, string decision) => _requests.Add(1, new("kind", kind.ToString()), new("decision", decision));

    public void RunEnded(JobKind kind, string backend, string outcome, TimeSpan wall) =>
        _runs.Record(wall.TotalSeconds, new("kind", kind.ToString()), new("backend", backend), new("outcome", outcome));

    public void WebhookAttempted(AttemptEnd end, TimeSpan wall) => _webhooks.Record(wall.TotalSeconds, new KeyValuePair<string, object?>("end", end.ToString()));
}
