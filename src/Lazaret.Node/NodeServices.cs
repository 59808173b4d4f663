using Lazaret.Node.Analyses;
using Lazaret.Node.Audit;
using Lazaret.Node.Backups;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Delivery;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Health;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Projects;
using Lazaret.Node.Receipts;
using Lazaret.Node.Releases;
using Lazaret.Node.Retention;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node;

/// <summary>What a node is made of.</summary>
internal static class NodeServices
{
    /// <summary>Every capability but the server and the worker: what <c>serve</c> and the commands share.</summary>
    public static IServiceCollection AddLazaret(this IServiceCollection services, NodeOptions options, IConfiguration configuration) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton(configuration)
        .AddSingleton(options)
        .AddSingleton(options.Site)
        .AddSingleton(NodeEnvironment.Current)
        .AddStorage(options.Database, options.StateFolder(), configuration)
        .AddKeys(options.Keys)
        .AddTelemetry()
        .AddAudit(options.Audit)
        .AddHttp(options.Http, options.Tls)
        .AddIdentity(options.Auth)
        .AddProjects(options.Projects)
        .AddJobs(options.Jobs, options.Runs, options.Queue)
        .AddRuns()
        .AddRetention(options.Retention)
        .AddBackups()
        .AddSandboxes(options.Sandbox)
        .AddPrograms(options.Models)
        .AddModels()
        .AddAnalyses()
        .AddReleases(options.Disclosure)
        .AddReceipts()
        .AddCohorts(options.Data, options.Cohorts)
        .AddDiagnoses(options.Diagnoses, options.Fhir, options.CdsHooks)
        .AddDelivery(options.Webhooks)
        .AddHealth(options.Health);

    /// <summary>The worker: only where jobs are to run.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services) => services
        .AddHostedService<StoreWarmUp>()
        .AddHostedService<RunWorker>()
        .AddHostedService<RetentionWorker>()
        .AddDeliverer();
}
