using Lazaret.Node.Cohorts;
using Lazaret.Node.Configuration;
using Lazaret.Node.Retention;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Jobs;

public static class JobServices
{
    public static IServiceCollection AddJobs(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Jobs)
        .AddSingleton(options.Runs)
        .AddSingleton<JobSignal>()
        .AddSingleton<JobQueue>()
        .AddSingleton<JobAdmission>()
        .AddSingleton<JobResults>();

    /// <summary>The worker: only where jobs are to run.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services) => services
        .AddHostedService<StoreWarmUp>()
        .AddHostedService<RunWorker>()
        .AddHostedService<RetentionWorker>();
}
