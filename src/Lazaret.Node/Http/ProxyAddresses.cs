using System.Net;
using System.Net.Sockets;

namespace Lazaret.Node.Http;

/// <summary>The addresses and networks of <c>Http:Proxies</c>.</summary>
internal sealed class ProxyAddresses(IEnumerable<string> entries)
{
    public IReadOnlyList<IPNetwork> Networks { get; } = [.. entries.Select(Read).OfType<IPNetwork>()];

    /// <summary>Null when the entry is no address and no network. A network of all addresses is none: everybody would be a proxy.</summary>
    public static IPNetwork? Read(string entry)
    {
        // 10.1 would be read as 10.0.0.1.
        if (IPAddress.TryParse(entry, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || entry == address.ToString()))
            return new IPNetwork(Plain(address), Plain(address).GetAddressBytes().Length * 8);
        return IPNetwork.TryParse(entry, out var network) && network.PrefixLength > 0 ? network : null;
    }

    public bool Contains(IPAddress? address) => address is not null && Networks.Any(network => network.Contains(Plain(address)));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
