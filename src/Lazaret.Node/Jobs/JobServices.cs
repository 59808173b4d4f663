using Lazaret.Node.Audit;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Jobs.Logs;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Commits;

namespace Lazaret.Node.Jobs;

internal static class JobServices
{
    public static IServiceCollection AddJobs(this IServiceCollection services, JobOptions jobs, RunOptions runs, QueueOptions queue)
    {
        services
            .AddSingleton(jobs)
            .AddSingleton(runs)
            .AddSingleton(queue)
            .AddSingleton<JobMetrics>()
            .AddSingleton<JobSignal>()
            .AddSingleton<AdmissionBatch>()
            .AddSingleton<IPendingWrites>(node => node.GetRequiredService<AdmissionBatch>())
            .AddSingleton<JobQueue>()
            .AddSingleton<Backlog>()
            .AddSingleton<JobAdmission>()
            .AddSingleton<JobResults>()
            .AddSingleton<JobLogs>()
            .AddSingleton<IAuditWitness, JobWitness>();
        return queue.Provider == QueueOptions.Redis
            ? services.AddSingleton<RedisConnection>().AddSingleton<IJobDispatch, RedisDispatch>()
            : services.AddSingleton<IJobDispatch, DatabaseDispatch>();
    }

    /// <summary>What lets this process and others hear of one another's jobs. On SQLite alone nothing does: they look.</summary>
    public static IServiceCollection AddRelay(this IServiceCollection services, QueueOptions queue, DatabaseOptions database) => (queue, database) switch
    {
        ({ Provider: QueueOptions.Redis }, _) => services.AddHostedService<RedisRelay>(),
        (_, { Provider: DatabaseOptions.Postgres }) => services.AddHostedService<PostgresRelay>(),
        _ => services,
    };
}
