using System.Net;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Delivery;

/// <summary>How the ends of jobs are told to those who left a <c>webhook_url</c>.</summary>
public sealed record WebhookOptions
{
    /// <summary>What may be delivered to although it is not public: networks, addresses, host names. []; CIDR, address or name.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Whether the result goes along, in place of being fetched. false; true or false.</summary>
    public bool IncludeResult { get; init; }

    /// <summary>Seconds until a receiver must have taken the connection. 5; 1 to 60.</summary>
    public int ConnectSeconds { get; init; } = 5;

    /// <summary>Seconds until a receiver must have answered, connection included. 15; 1 to 300.</summary>
    public int TimeoutSeconds { get; init; } = 15;

    /// <summary>Deliveries at once, of which one endpoint takes half at most. 8; 1 to 256.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Milliseconds between two looks for what is due. 500; 10 to 60000.</summary>
    public int PollMilliseconds { get; init; } = 500;

    internal TimeSpan Poll => TimeSpan.FromMilliseconds(PollMilliseconds);

    internal TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    /// <summary>An attempt that has not ended by now never will: its process is gone, and another one tries.</summary>
    internal TimeSpan Lease => Timeout + TimeSpan.FromSeconds(30);

    internal int EndpointConcurrency => Math.Max(1, Concurrency / 2);

    internal void Check(OptionFaults faults)
    {
        foreach (var entry in Allow.Where(entry => !IsNetworkOrName(entry)))
            faults.Add("Webhooks:Allow", $"'{entry}' is no network like 10.20.0.0/16, no address and no host name");
        faults.Range("Webhooks:ConnectSeconds", ConnectSeconds, 1, 60);
        faults.Range("Webhooks:TimeoutSeconds", TimeoutSeconds, 1, 300);
        faults.Range("Webhooks:Concurrency", Concurrency, 1, 256);
        faults.Range("Webhooks:PollMilliseconds", PollMilliseconds, 10, 60_000);
    }

    private static bool IsNetworkOrName(string entry) =>
        entry.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(entry, out _) : Uri.CheckHostName(entry) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
}
