using System.Diagnostics;

namespace Lazaret.Node.Telemetry;

/// <summary>The node's traces.</summary>
internal static class NodeActivities
{
    public static readonly ActivitySource Source = new(TelemetryServices.Name);
}
