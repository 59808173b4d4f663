using Lazaret.Node.Configuration;

namespace Lazaret.Node.Retention;

public static class RetentionServices
{
    public static IServiceCollection AddRetention(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Retention)
        .AddSingleton<Purge>();
}
