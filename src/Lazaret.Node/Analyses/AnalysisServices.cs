namespace Lazaret.Node.Analyses;

internal static class AnalysisServices
{
    public static IServiceCollection AddAnalyses(this IServiceCollection services) => services.AddSingleton<AnalysisRegistry>();
}
