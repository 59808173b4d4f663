using System.Diagnostics.Metrics;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Health.Gauges;

/// <summary>
/// What was measured last, as gauges. A scrape reads what stands here and asks nobody. What could not be measured is not there: a value of before would be taken for one of now.
/// </summary>
internal sealed class GaugeBoard
{
    private readonly Meter _meter;
    private readonly Dictionary<string, Measurement<double>[]> _values = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public GaugeBoard(IMeterFactory meters)
    {
        _meter = meters.Create(TelemetryServices.Name);
        foreach (var gauge in GaugeNames.All)
        {
            _values[gauge.Name] = [];
            _meter.CreateObservableGauge(gauge.Name, () => Read(gauge.Name), gauge.Unit, gauge.Description);
        }
    }

    public void Set(Gauge gauge, params Measurement<double>[] values)
    {
        lock (_lock)
            _values[gauge.Name] = values;
    }

    public void Set(Gauge gauge, double value) => Set(gauge, new Measurement<double>(value));

    /// <summary>Takes these gauges away until they are measured again.</summary>
    public void Clear(IEnumerable<Gauge> gauges)
    {
        lock (_lock)
        {
            foreach (var gauge in gauges)
                _values[gauge.Name] = [];
        }
    }

    internal Measurement<double>[] Read(string name)
    {
        lock (_lock)
            return _values[name];
    }
}

/// <summary>A gauge's name, unit (UCUM) and meaning.</summary>
internal sealed record Gauge(string Name, string Unit, string Description);
