using System.Net;
using System.Net.Sockets;

namespace Lazaret.Node.Delivery.Sending;

/// <summary>
/// Which addresses a webhook may go to: public ones, and what the operator allows. A requester chooses the URL, and the node stands
/// inside the hospital: everything that only the inside can reach is refused.
/// </summary>
public sealed class WebhookAddresses
{
    // IANA's special-purpose registries (RFC 6890 and its successors), and one cloud's metadata on a public address.
    private static readonly IPNetwork[] NotPublic4 =
    [
        .. ((string[])
        [
            "0.0.0.0/8", // this network
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // private
            "100.64.0.0/10", // carrier-grade NAT, and Alibaba's metadata
            "127.0.0.0/8", // loopback
            "168.63.129.16/32", // Azure's metadata
            "169.254.0.0/16", // link-local, and most clouds' metadata
            "192.0.0.0/24", // protocol assignments, and Oracle's metadata
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
            "192.88.99.0/24", // 6to4 relays
            "198.18.0.0/15", // benchmarks
            "224.0.0.0/4", // multicast
            "240.0.0.0/4", // reserved, and broadcast
        ]).Select(IPNetwork.Parse),
    ];

    // Loopback, unspecified, NAT64, unique-local, link-local, site-local and multicast addresses all lie outside this range.
    private static readonly IPNetwork GlobalUnicast6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublic6 =
    [
        .. ((string[])
        [
            "2001::/23", // protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32", "3fff::/20", // documentation
            "2002::/16", // 6to4: carries any IPv4 address
        ]).Select(IPNetwork.Parse),
    ];

    private readonly List<IPNetwork> _networks = [];
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public WebhookAddresses(WebhookOptions options)
    {
        foreach (var entry in options.Allow)
        {
            if (IPNetwork.TryParse(entry, out var network))
                _networks.Add(network);
            else if (IPAddress.TryParse(entry, out var address))
                _networks.Add(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
            else
                _hosts.Add(entry);
        }
    }

    /// <param name="host">The name in the URL.</param>
    /// <param name="address">
    /// The address that the name resolved to. An IPv4-mapped IPv6 address is refused unless the host name is allowed: no ordinary name has one.
    /// </param>
    public bool Allow(string host, IPAddress address) =>
        _hosts.Contains(host) || (!address.IsIPv4MappedToIPv6 && (IsPublic(address) || _networks.Exists(network => network.Contains(address))));

    private static bool IsPublic(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? !Array.Exists(NotPublic4, network => network.Contains(address))
        : GlobalUnicast6.Contains(address) && !Array.Exists(NotPublic6, network => network.Contains(address));
}
