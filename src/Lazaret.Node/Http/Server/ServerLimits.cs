namespace Lazaret.Node.Http.Server;

/// <summary>What the server takes of a connection before any code of the node's sees a request.</summary>
internal static class ServerLimits
{
    public static void UseLimits(this IWebHostBuilder host, HttpOptions options) => host.ConfigureKestrel(kestrel =>
    {
        // Without the section Kestrel, whose addresses would be listened on in place of those that were checked.
        kestrel.Configure();
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // Longer than nginx keeps an idle connection (60 s), so that it is not the node that closes one which nginx is about to use.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(90);
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeadersTotalSize = 32 << 10;
        limits.MaxRequestHeaderCount = 100;
        // Read ahead of the handler: it counts towards no budget, so there is little of it.
        limits.MaxRequestBufferSize = 128 << 10;
        // HTTP/2 is there with TLS alone; a stream is a request, and is counted as one.
        limits.Http2.MaxStreamsPerConnection = 32;
        limits.Http2.InitialConnectionWindowSize = 256 << 10;
        limits.Http2.InitialStreamWindowSize = 128 << 10;
        if (options.MaxConnectionsPerAddress > 0)
        {
            var perAddress = new ConnectionsPerAddress(options.MaxConnectionsPerAddress, options.ProxyAddresses());
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(perAddress.Guard));
        }
    });
}
