using System.Net;
using System.Net.Sockets;
using Lazaret.Node;
using Lazaret.Node.Http.Server;

namespace Lazaret.Tests.Http;

public sealed class ListenCheckTests
{
    [Fact]
    public void Every_address_where_the_node_cannot_listen_is_said_at_once()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var said = Assert.Throws<MissingException>(() => ListenCheck.Require([$"http://127.0.0.1:{port}", $"http://localhost:{port}", "http://192.0.2.1:8080", "http://127.0.0.1:0"])).Message.Split('\n');
        Assert.Equal(3, said.Length);
        Assert.StartsWith($"--urls: http://127.0.0.1:{port}: is in use by another program", said[0], StringComparison.Ordinal);
        Assert.StartsWith($"--urls: http://localhost:{port}: is in use by another program", said[1], StringComparison.Ordinal);
        Assert.Equal("--urls: http://192.0.2.1:8080: this machine has no such address", said[2]);

        other.Stop();
        ListenCheck.Require([$"http://127.0.0.1:{port}", $"http://[::1]:{port}"]);
    }
}
