using System.Net;

namespace Lazaret.Node.Http;

/// <summary>The address of this node as clients know it.</summary>
internal static class NodeAddress
{
    public const string Unknown = "The node does not know its own address, which the token must name: its operator sets Lazaret:Http:PublicUrl.";

    /// <summary>The node's root, as this client reached it, or as the operator says that clients reach it.</summary>
    public static string RootOf(HttpRequest request) => PublicOf(request) ?? AsCalled(request);

    /// <summary>
    /// The root that is surely this node's. What a request calls it is its sender's choice: a token that was meant for another server would fit
    /// here. Only on loopback, where every name is this machine's, is the request believed; null elsewhere.
    /// </summary>
    public static string? OwnOf(HttpRequest request) => PublicOf(request) ?? (Loopback.IsHost(request.Host.Host) && request.HttpContext.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from) ? AsCalled(request) : null);

    private static string? PublicOf(HttpRequest request) =>
        request.HttpContext.RequestServices.GetRequiredService<HttpOptions>().PublicUrl is { Length: > 0 } known ? known.TrimEnd('/') : null;

    private static string AsCalled(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}";
}
