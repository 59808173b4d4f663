namespace Lazaret.Node.Retention;

internal static class RetentionServices
{
    public static IServiceCollection AddRetention(this IServiceCollection services, RetentionOptions options) => services
        .AddSingleton(options)
        .AddSingleton<Purge>();
}
