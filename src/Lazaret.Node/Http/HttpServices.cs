using Lazaret.Node.Configuration;

namespace Lazaret.Node.Http;

public static class HttpServices
{
    public static IServiceCollection AddHttp(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Http)
        .AddSingleton<BodyMemory>()
        .AddSingleton<RequestBodies>();
}
