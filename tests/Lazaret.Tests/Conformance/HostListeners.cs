using System.Net;
using System.Net.Sockets;

namespace Lazaret.Tests.Conformance;

/// <summary>Three ears of the host that nobody in a sandbox may reach: TCP and UDP on one loopback port, and an abstract unix socket.</summary>
internal sealed class HostListeners : IDisposable
{
    private readonly TcpListener _tcp = new(IPAddress.Loopback, 0);
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public HostListeners()
    {
        _tcp.Start();
        Port = ((IPEndPoint)_tcp.LocalEndpoint).Port;
        _udp.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _unix.Bind(new UnixDomainSocketEndPoint($"\0{AbstractName}"));
        _unix.Listen();
    }

    public int Port { get; }

    public string AbstractName { get; } = $"lazaret-{Guid.NewGuid():n}";

    public bool HeardAnything => _tcp.Pending() || _udp.Available > 0 || _unix.Poll(0, SelectMode.SelectRead);

    public void Dispose()
    {
        _tcp.Dispose();
        _udp.Dispose();
        _unix.Dispose();
    }
}
