using Lazaret.Node.Images;

namespace Lazaret.Node.Programs;

internal static class ProgramServices
{
    public static IServiceCollection AddPrograms(this IServiceCollection services, ProgramOptions options) => services
        .AddSingleton(options)
        .AddSingleton<ImageStore>()
        .AddSingleton<PinnedImages>()
        .AddSingleton<ProgramRegistry>()
        .AddSingleton<ProgramRun>();
}
