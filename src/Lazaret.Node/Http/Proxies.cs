using Microsoft.AspNetCore.HttpOverrides;

namespace Lazaret.Node.Http;

/// <summary>
/// What a proxy says of the client whose request it passes on. The proxies of <c>Http:Proxies</c> are believed, each for the one step before
/// it: the last address of <c>X-Forwarded-For</c>, which it wrote itself, and not what the client may have written before that.
/// </summary>
internal static class Proxies
{
    // The last is what the framework leaves of a header that it believed.
    private static readonly string[] Marks = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via", "X-Original-For"];

    /// <summary>Gives requests of the configured proxies their clients' address and scheme. Nothing before it may look at either.</summary>
    public static void UseProxies(this WebApplication node, HttpOptions options)
    {
        if (options.Proxies.Count == 0)
            return;
        var addresses = options.ProxyAddresses();
        node.Use((context, next) =>
        {
            if (addresses.Contains(context.Connection.RemoteIpAddress))
                context.Features.Set(FromProxy.Instance);
            return next(context);
        });
        var believed = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = 1 };
        // The framework would also believe this machine's loopback addresses.
        believed.KnownProxies.Clear();
        believed.KnownIPNetworks.Clear();
        foreach (var network in addresses.Networks)
            believed.KnownIPNetworks.Add(network);
        node.UseForwardedHeaders(believed);
    }

    /// <summary>Whether one of the configured proxies sent it: what its headers say of the client is believed.</summary>
    public static bool IsFromProxy(this HttpContext http) => http.Features.Get<FromProxy>() is not null;

    /// <summary>Whether any proxy passed it on, believed or not. Its client then is not whoever has connected.</summary>
    public static bool IsPassedOn(this HttpContext http) => http.IsFromProxy() || Marks.Any(http.Request.Headers.ContainsKey);

    private sealed class FromProxy
    {
        public static readonly FromProxy Instance = new();
    }
}
