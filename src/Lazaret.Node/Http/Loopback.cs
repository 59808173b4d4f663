using System.Net;

namespace Lazaret.Node.Http;

/// <summary>Names and addresses by which a machine reaches itself, without asking a name server.</summary>
internal static class Loopback
{
    /// <summary>Whether a host in a URL is this machine: <c>localhost</c>, 127.0.0.0/8 or ::1.</summary>
    public static bool IsHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether a request calls the node by one of the three usual names. Any other may be one that a web page made up (DNS rebinding).</summary>
    public static bool IsCalledSo(HttpRequest request) => request.Host.Host.ToLowerInvariant() is "localhost" or "127.0.0.1" or "[::1]";
}
