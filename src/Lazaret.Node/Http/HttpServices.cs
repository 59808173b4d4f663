using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Http.Tls;

namespace Lazaret.Node.Http;

internal static class HttpServices
{
    public static IServiceCollection AddHttp(this IServiceCollection services, HttpOptions options, TlsOptions tls) => services
        .AddSingleton(options)
        .AddSingleton(tls)
        .AddSingleton<ServerCertificate>()
        .AddSingleton<BodyMemory>()
        .AddSingleton<RequestBodies>();
}
