namespace Lazaret.Node.Analyses;

public static class AnalysisServices
{
    public static IServiceCollection AddAnalyses(this IServiceCollection services) => services.AddSingleton<AnalysisRegistry>();
}
