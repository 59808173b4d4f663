using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Lazaret.Node.Http.Server;

/// <summary>Whether the node can listen where it is to. It is tried before the start, so that this is said in one line, with whatever else is missing.</summary>
internal static class ListenCheck
{
    /// <param name="addresses">As <c>--urls</c> has them.</param>
    /// <exception cref="MissingException">It cannot.</exception>
    public static void Require(IEnumerable<string> addresses)
    {
        var faults = addresses.Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Port > 0 && Fault(uri) is { } fault ? $"--urls: {address}: {fault}" : null).OfType<string>().ToList();
        if (faults.Count > 0)
            throw new MissingException(string.Join('\n', faults));
    }

    private static string? Fault(Uri address)
    {
        try
        {
            SocketTransportOptions.CreateDefaultBoundListenSocket(EndPointOf(address)).Dispose();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"is in use by another program: stop that ('ss -ltnp sport = :{address.Port}' names it), or choose another port",
                SocketError.AddressNotAvailable => "this machine has no such address",
                SocketError.AccessDenied => "this user may not listen on a port below 1024: choose a higher one, or give the service AmbientCapabilities=CAP_NET_BIND_SERVICE",
                // As where the machine has no IPv6: Kestrel may do with the other protocol.
                _ => null,
            };
        }
    }

    // As Kestrel takes them: a name is every address of the machine.
    private static IPEndPoint EndPointOf(Uri address) => new(
        IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip
        : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
        address.Port);
}
