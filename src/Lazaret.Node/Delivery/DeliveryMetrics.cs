using System.Diagnostics.Metrics;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Delivery;

/// <summary>Attempts at webhooks, by how they ended.</summary>
internal sealed class DeliveryMetrics(IMeterFactory meters)
{
    private readonly Histogram<double> _webhooks =
        meters.Create(TelemetryServices.Name).CreateHistogram<double>("lazaret.webhooks", "s", "Duration of attempts at a webhook, by end");

    public void Attempted(AttemptEnd end, TimeSpan wall) => _webhooks.Record(wall.TotalSeconds, new KeyValuePair<string, object?>("end", end.ToString()));
}
