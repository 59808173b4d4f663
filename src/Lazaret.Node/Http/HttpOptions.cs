using Lazaret.Node.Configuration;

namespace Lazaret.Node.Http;

/// <summary>How much of the node whoever can reach it may hold.</summary>
public sealed record HttpOptions
{
    private const int MostPerSecond = 1_000_000;

    /// <summary>The address at which clients reach the node where a proxy in front changes it: the URLs in answers begin with it. Empty: as each request came.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>The proxies in front of the node, whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody else's are. []; addresses, or networks (CIDR).</summary>
    public IReadOnlyList<string> Proxies { get; init; } = [];

    /// <summary>Whether, in Production and with Proxies, the node listens without TLS on addresses that others than the site's own network may reach. false; true only where nobody but the proxies can connect.</summary>
    public bool ClearBehindProxies { get; init; }

    /// <summary>How long a request's body may take to arrive, in seconds. 60; 1 to 3600.</summary>
    public int BodySeconds { get; init; } = 60;

    /// <summary>The memory that all bodies in flight may take together, in MiB: maps and bundles, which never lie on a disk in clear. 512; 4 to 1048576.</summary>
    public int BodyMemoryMiB { get; init; } = 512;

    /// <summary>Connections in all. 2048; 8 to 65536.</summary>
    public int MaxConnections { get; init; } = 2048;

    /// <summary>Connections from one address (IPv6: one /64), those of Proxies aside; 0 sets no bound. 512; 0 to 65536.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 512;

    /// <summary>Requests at work at once, health checks aside. 1024; 1 to 65536.</summary>
    public int MaxRequests { get; init; } = 1024;

    /// <summary>Requests a second of one requester; 0 sets no limit. Empty: 50 where there is an authentication mode, else 0. 0 to 1000000.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>How many of them may come at once, after a pause. Empty: twice as many. 1 to 1000000.</summary>
    public int? RequestsPerSecondBurst { get; init; }

    /// <summary>Requests a second from one address (IPv6: one /64), counted before authentication; 0 sets no limit. Empty: 100 where there is an authentication mode, else 0. 0 to 1000000.</summary>
    public int? RequestsPerSecondPerAddress { get; init; }

    /// <summary>How many of them may come at once, after a pause. Empty: twice as many. 1 to 1000000.</summary>
    public int? RequestsPerSecondPerAddressBurst { get; init; }

    internal TimeSpan BodyTime => TimeSpan.FromSeconds(BodySeconds);

    internal long BodyMemory => (long)BodyMemoryMiB << 20;

    internal ProxyAddresses ProxyAddresses() => new(Proxies);

    internal void Check(OptionFaults faults, int largestBodyMiB)
    {
        if (PublicUrl.Length > 0 && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0))
            faults.Add("Http:PublicUrl", $"'{PublicUrl}' is no address: write https://lazaret.hospital.example, with a path if the proxy has one, and without query or fragment");
        foreach (var entry in Proxies.Where(entry => Http.ProxyAddresses.Read(entry) is null))
            faults.Add("Http:Proxies", $"'{entry}' is no address like 10.0.0.7 and no network like 10.0.0.0/24");
        faults.Range("Http:BodySeconds", BodySeconds, 1, 3600);
        faults.Range("Http:BodyMemoryMiB", BodyMemoryMiB, 4, 1 << 20);
        // A body that came packed is held packed, unpacked, and for a moment once more, in one piece; and some is for small bodies alone.
        if (BodyMemoryMiB < 4L * largestBodyMiB)
            faults.Add("Http:BodyMemoryMiB", $"{BodyMemoryMiB} is less than one body may take: set it to four times the larger of Lazaret:Cohorts:MaxUploadMiB and Lazaret:Diagnoses:MaxRequestMiB, {4L * largestBodyMiB}, or more");
        faults.Range("Http:MaxConnections", MaxConnections, 8, 1 << 16);
        faults.Range("Http:MaxConnectionsPerAddress", MaxConnectionsPerAddress, 0, 1 << 16);
        faults.Range("Http:MaxRequests", MaxRequests, 1, 1 << 16);
        faults.Range("Http:RequestsPerSecond", RequestsPerSecond ?? 0, 0, MostPerSecond);
        faults.Range("Http:RequestsPerSecondBurst", RequestsPerSecondBurst ?? 1, 1, MostPerSecond);
        faults.Range("Http:RequestsPerSecondPerAddress", RequestsPerSecondPerAddress ?? 0, 0, MostPerSecond);
        faults.Range("Http:RequestsPerSecondPerAddressBurst", RequestsPerSecondPerAddressBurst ?? 1, 1, MostPerSecond);
    }
}
