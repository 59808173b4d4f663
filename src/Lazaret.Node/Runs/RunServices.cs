namespace Lazaret.Node.Runs;

public static class RunServices
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services.AddSingleton<WorkerMeans>();
}
