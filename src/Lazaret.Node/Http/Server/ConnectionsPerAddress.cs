using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Lazaret.Node.Http.Server;

/// <summary>Closes the connections of an address that has as many open as one may. All clients of a proxy come from its address: it is the proxy that counts them.</summary>
internal sealed class ConnectionsPerAddress(int most, ProxyAddresses proxies)
{
    private readonly Lock _counting = new();
    private readonly Dictionary<IPAddress, int> _open = [];

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || proxies.Contains(address))
        {
            await next(connection);
            return;
        }

        var client = ClientOf(address);
        if (!TryEnter(client))
        {
            connection.Abort(new ConnectionAbortedException("This address has as many connections open as one may."));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(client);
        }
    };

    /// <summary>Who an address stands for: a network hands a whole /64 of IPv6 to one machine.</summary>
    public static IPAddress ClientOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    public bool TryEnter(IPAddress client)
    {
        lock (_counting)
        {
            var open = _open.GetValueOrDefault(client);
            if (open >= most)
                return false;
            _open[client] = open + 1;
            return true;
        }
    }

    public void Leave(IPAddress client)
    {
        lock (_counting)
        {
            if (--_open[client] == 0)
                _open.Remove(client);
        }
    }
}
