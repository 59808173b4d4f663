using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Http.Server;

/// <summary>
/// Listens as Kestrel's own sockets do, and stops without losing a request. Kestrel closes a listening socket while connections may wait in its
/// queue, and then each connection whose request has not arrived yet: to a proxy that is a request sent and lost, and a POST is not sent twice.
/// </summary>
internal sealed class DrainedListeners(ILoggerFactory logs) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? listening = null;
        var sockets = new SocketTransportOptions { CreateBoundListenSocket = address => listening = SocketTransportOptions.CreateDefaultBoundListenSocket(address) };
        var listener = await new SocketTransportFactory(Options.Create(sockets), logs).BindAsync(endpoint, cancellationToken);
        return new Listener(listener, listening!);
    }

    private sealed class Listener(IConnectionListener inner, Socket listening) : IConnectionListener
    {
        // Who has connected sends at once. This is for a machine that is busy.
        private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

        private volatile bool _allAccepted;
        private volatile int _open;

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            if (await inner.AcceptAsync(cancellationToken) is not { } connection)
            {
                _allAccepted = true;
                return null;
            }

            Interlocked.Increment(ref _open);
            connection.ConnectionClosed.Register(() => Interlocked.Decrement(ref _open));
            return connection;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            moment.CancelAfter(Moment);
            await WaitAsync(() => !listening.Poll(0, SelectMode.SelectRead), moment.Token);
            await inner.UnbindAsync(cancellationToken);
            await WaitAsync(() => _allAccepted && _open == 0, moment.Token);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private static async Task WaitAsync(Func<bool> condition, CancellationToken enough)
        {
            while (!condition() && !enough.IsCancellationRequested)
                await Task.Delay(1, CancellationToken.None);
        }
    }
}
