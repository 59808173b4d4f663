using Lazaret.Node.Cohorts;
using Lazaret.Node.Configuration;
using Lazaret.Node.Retention;
using Lazaret.Node.Runs;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Jobs;

public static class JobServices
{
    public static IServiceCollection AddJobs(this IServiceCollection services, NodeOptions options)
    {
        services
            .AddSingleton(options.Jobs)
            .AddSingleton(options.Runs)
            .AddSingleton(options.Queue)
            .AddSingleton<JobSignal>()
            .AddSingleton<AdmissionBatch>()
            .AddSingleton<JobQueue>()
            .AddSingleton<WorkerMeans>()
            .AddSingleton<Backlog>()
            .AddSingleton<JobAdmission>()
            .AddSingleton<JobResults>();
        return options.Queue.Provider == QueueOptions.Redis
            ? services.AddSingleton<RedisConnection>().AddSingleton<IJobDispatch, RedisDispatch>()
            : services.AddSingleton<IJobDispatch, DatabaseDispatch>();
    }

    /// <summary>What lets this process and others hear of one another's jobs. On SQLite alone nothing does: they look.</summary>
    public static IServiceCollection AddRelay(this IServiceCollection services, NodeOptions options) => options switch
    {
        { Queue.Provider: QueueOptions.Redis } => services.AddHostedService<RedisRelay>(),
        { Database.Provider: DatabaseOptions.Postgres } => services.AddHostedService<PostgresRelay>(),
        _ => services,
    };

    /// <summary>The worker: only where jobs are to run.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services) => services
        .AddHostedService<StoreWarmUp>()
        .AddHostedService<RunWorker>()
        .AddHostedService<RetentionWorker>();
}
