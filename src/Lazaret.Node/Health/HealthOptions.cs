using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;

namespace Lazaret.Node.Health;

/// <summary>How the node tells whether it can do its work, and where a worker is asked.</summary>
public sealed record HealthOptions
{
    /// <summary>Where a worker (<c>serve --role work</c>) answers /healthz, /readyz and /metrics unless <c>--urls</c> says otherwise; on a fixed port it can be probed. http://127.0.0.1:0; addresses separated by ';', port 0 for any free one.</summary>
    public string WorkerUrls { get; init; } = "http://127.0.0.1:0";

    /// <summary>With less free disk below the state folder, in MiB, nothing counts as ready. 8; 0 to 1048576.</summary>
    public int MinimumFreeMiB { get; init; } = 8;

    /// <summary>Seconds between two measurements of what /metrics shows of the database and the disk. 15; 1 to 3600.</summary>
    public int MeasureSeconds { get; init; } = 15;

    internal void Check(OptionFaults faults)
    {
        if (ListenAddresses.Split(WorkerUrls).Any(address => !Uri.TryCreate(address, UriKind.Absolute, out _)))
            faults.Add("Health:WorkerUrls", $"'{WorkerUrls}' is no address like http://127.0.0.1:8081");
        faults.Range("Health:MinimumFreeMiB", MinimumFreeMiB, 0, 1_048_576);
        faults.Range("Health:MeasureSeconds", MeasureSeconds, 1, 3600);
    }
}
