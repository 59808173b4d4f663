using System.Net;
using System.Net.Sockets;

namespace Lazaret.Node.Delivery.Sending;

/// <summary>Connects to an address that was looked at, and to no other: a name that is asked twice may answer twice differently.</summary>
internal sealed class GuardedConnection(WebhookAddresses addresses)
{
    /// <exception cref="RefusedAddressException">No address of the host may be connected to.</exception>
    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var plain = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttp;
        var resolved = await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = Array.FindAll(resolved, address => addresses.Allow(host, address) && (!plain || IPAddress.IsLoopback(address)));
        if (allowed.Length == 0)
            throw new RefusedAddressException();

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The host's addresses are none that a webhook may go to.</summary>
internal sealed class RefusedAddressException() : IOException("the address is not public, and not allowed by Lazaret:Webhooks:Allow");
