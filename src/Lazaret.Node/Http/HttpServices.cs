using Lazaret.Node.Http.Bodies;

namespace Lazaret.Node.Http;

internal static class HttpServices
{
    public static IServiceCollection AddHttp(this IServiceCollection services, HttpOptions options) => services
        .AddSingleton(options)
        .AddSingleton<BodyMemory>()
        .AddSingleton<RequestBodies>();
}
