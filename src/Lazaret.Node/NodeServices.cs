using Lazaret.Node.Analyses;
using Lazaret.Node.Audit;
using Lazaret.Node.Backups;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Configuration;
using Lazaret.Node.Delivery;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Http;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Retention;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node;

/// <summary>What a node is made of.</summary>
public static class NodeServices
{
    /// <summary>Every capability but the server and the worker: what <c>serve</c> and the commands share.</summary>
    public static IServiceCollection AddLazaret(this IServiceCollection services, NodeOptions options, IConfiguration configuration) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton(configuration)
        .AddSingleton(options)
        .AddSingleton(NodeEnvironment.Current)
        .AddStorage(options, configuration)
        .AddKeys(options)
        .AddTelemetry()
        .AddAudit()
        .AddHttp(options)
        .AddJobs(options)
        .AddRetention(options)
        .AddSingleton<DatabaseBackup>()
        .AddSandboxes(options)
        .AddPrograms()
        .AddModels(options)
        .AddAnalyses()
        .AddCohorts(options)
        .AddDiagnoses(options)
        .AddDelivery(options);
}
