using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Budgets;
using Lazaret.Node.Cohorts.Reviews;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Diagnoses.CdsHooks;
using Lazaret.Node.Health;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Server;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Identity.People.Provider;
using Lazaret.Node.Identity.Tokens.Smart;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Models;
using Lazaret.Node.RateLimits;
using Lazaret.Node.Releases;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;
using Lazaret.Node.WebConsole;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections;

namespace Lazaret.Node;

/// <summary>The running node: server, worker, or both.</summary>
internal static class NodeHost
{
    private static readonly TimeSpan EndWriting = TimeSpan.FromSeconds(30);

    /// <summary>What is wrong with the options for a server on these addresses.</summary>
    public static IEnumerable<string> Faults(NodeOptions options, IReadOnlyList<string> addresses) =>
        Production.FaultsHere(options, addresses).Concat(ListenAddresses.Faults(addresses, options.Auth, options.Tls));

    /// <summary>What else is missing, as far as faulty options tell: it is said with their faults, and not after them.</summary>
    public static IEnumerable<string> FaultsBeside(NodeOptions options, IConfiguration configuration, IReadOnlyList<string> addresses, NodeRole role)
    {
        var faults = new StartFaults();
        if (options.Tls.IsSet && addresses.Any(ListenAddresses.IsTls))
            faults.Try(() => new CertificateFiles(options.Tls, TimeProvider.System).Read());
        if (options.Queue.Provider == QueueOptions.Redis)
            faults.Try(() => new RedisConnection(options.Queue, configuration).Read());
        if (!NodeEnvironment.Current.IsProduction)
            return faults.Messages;
        if (KeyServices.WhyNone(options.Keys, options.StateFolder()) is { } why)
            faults.AddRange([why]);
        if (role != NodeRole.Api && SandboxBackends.FaultInProduction(options.Sandbox) is { } isolatesNothing)
            faults.AddRange([isolatesNothing]);
        return faults.Messages;
    }

    /// <summary>Builds the node and brings its state folder and database up; it listens once it is started.</summary>
    public static async Task<WebApplication> BuildAsync(
        NodeOptions options, IConfiguration configuration, string[] addresses, NodeRole role, CancellationToken cancellationToken, LogLevel logs = LogLevel.Information)
    {
        // The framework would take Production for unset, and watch every folder below the current one for changes of its own settings' files.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = NodeEnvironment.Current.Name, Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        builder.WebHost.UseUrls(addresses);
        builder.Logging.ClearProviders().AddNodeLog(options.Logging, logs);
        builder.WebHost.UseLimits(options.Http);
        builder.Services.AddSingleton<IConnectionListenerFactory, DrainedListeners>();
        builder.WebHost.UseTls(options.Auth.Takes(AuthModes.Mtls));
        builder.Services.AddLazaret(options, configuration);
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<StorageFaults>();
        builder.Services.AddAuthenticationModes(options.Auth);
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessRefusals>();
        builder.Services.AddInterface(options.Auth);
        builder.Services.AddConsole(role);
        builder.Services.AddRateLimits(options.Queue);
        builder.Services.AddCdsCors(options.CdsHooks);
        builder.Services.AddTelemetryExport(configuration);
        builder.Services.AddRelay(options.Queue, options.Database);
        builder.Services.Configure<HostOptions>(host =>
        {
            // The worker drains while the server answers what it has; then there is time to write how the runs ended.
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = options.Runs.Drain + EndWriting;
        });
        builder.Services.AddAuditKeeper();
        builder.Services.AddGauges(role);
        if (role != NodeRole.Work)
            builder.Services.AddHostedService<ViewAnnouncer>();
        if (role != NodeRole.Api)
            builder.Services.AddWorker();

        var node = builder.Build();
        node.UseMiddleware<RequestLog>();
        // A worker's port is for this machine's probes: no proxy passes anything on to it.
        if (role != NodeRole.Work)
            node.UseProxies(options.Http);
        node.UseForwardedCertificates();
        node.UseSecurityHeaders();
        node.UseHeadWithoutContent();
        node.UseErrors();
        node.UseRequestGate(options.Http);
        node.UseAddressLimit(RateLimit.PerAddress(options.Http, options.Auth.IsOn), NodeErrors.RefuseRateAsync);
        node.UseLoopbackGuard(options.Auth, options.CdsHooks.Takes);
        node.UseCors();
        node.UseAuthentication();
        node.UseRequesterLimit(RateLimit.PerRequester(options.Http, options.Auth.IsOn), NodeErrors.RefuseRateAsync);
        node.UseAuthorization();
        var endpoints = node.MapGroup("").TakeHead();
        endpoints.RequireAccess();
        endpoints.MapMetrics();
        endpoints.MapHealth();
        endpoints.MapNodeKeys();
        if (role != NodeRole.Work)
        {
            endpoints.MapWelcome();
            endpoints.MapPeople(options.Auth);
            endpoints.MapCatalog();
            endpoints.MapCohortJobs();
            endpoints.MapReviews();
            endpoints.MapBudget();
            endpoints.MapDiagnoses();
            endpoints.MapFhir();
            endpoints.MapCdsHooks();
            endpoints.MapSmart();
            endpoints.MapModels();
            endpoints.MapGet("/openapi/v1.json", InterfaceDescription.SendAsync).ExcludeFromDescription();
            endpoints.MapConsole();
            endpoints.MapApiReference();
        }

        node.CheckAccess();

        var faults = new StartFaults();
        faults.AddRange(Faults(options, addresses));
        faults.Try(() => ListenCheck.Require(addresses));
        if (options.Auth.Takes(AuthModes.Mtls))
            faults.Try(node.Services.LoadCertificateAuthorities);
        if (options.Auth.Takes(AuthModes.Oidc))
            faults.Try(() => ProviderSignIn.ReadSecret(options.Auth.Oidc));
        if (options.Tls.IsSet && addresses.Any(ListenAddresses.IsTls))
            faults.Try(node.Services.GetRequiredService<ServerCertificate>().Load);
        if (options.Queue.Provider == QueueOptions.Redis)
            faults.Try(() => node.Services.GetRequiredService<RedisConnection>().Read());
        faults.Try(() => node.Services.GetRequiredService<SigningKeyFile>().Find());
        await faults.TryAsync(async () =>
        {
            node.Services.GetRequiredService<NodePresence>().Enter();
            var migration = node.Services.GetRequiredService<DatabaseMigration>();
            if (!await migration.ExistsAsync(cancellationToken))
            {
                // A start that is refused makes no database: an empty folder in the place of a disk that is not mounted stays empty.
                node.Services.GetRequiredService<KeyGuard>().RequireToBegin();
                if (!faults.IsEmpty)
                    return;
            }

            await migration.RunAsync(force: false, cancellationToken);
            await node.Services.GetRequiredService<SchemaCheck>().RequireAsync(cancellationToken);
            // Now, not at the first record: without its keys a node can keep nothing.
            await node.Services.GetRequiredService<KeyGuard>().StartAsync(cancellationToken);
            await node.Services.GetRequiredService<ChainStart>().RunAsync(cancellationToken);
            await node.Services.GetRequiredService<IssuerNames>().HoldAsync(cancellationToken);
            await node.Services.GetRequiredService<PolicyRecord>().KeepAsync(cancellationToken);
            if (node.Services.GetService<TokenSigning>() is { } signing)
                await signing.LoadAsync(cancellationToken);
        });
        // Now, not at the first job: a machine that cannot isolate must say so when it is started.
        if (role != NodeRole.Api)
            await faults.TryAsync(() => node.Services.GetRequiredService<SandboxBackends>().ChooseAsync(cancellationToken));
        faults.Throw();
        return node;
    }
}
