using System.Reflection;
using System.Text.Json.Serialization;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Runs;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node;

/// <summary>Whether the process lives, and whether it can do its work.</summary>
internal static class NodeHealth
{
    private static readonly string[] Probes = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHealth(this IEndpointRouteBuilder node, NodeRole role)
    {
        var health = node.MapGroup("").WithTags("Health").DisableRateLimiting();
        health.MapMethods("/healthz", Probes, () => TypedResults.Ok(new Life(Ok: true))).WithSummary("The process lives");
        health.MapMethods("/readyz", Probes, (HttpContext http, IServiceProvider services, CancellationToken cancellationToken) => FindAsync(role, http, services, cancellationToken))
            .WithSummary("The node can do its work, or what is not ready");
    }

    private static async Task<Results<Ok<Readiness>, NotReady>> FindAsync(
        NodeRole role, HttpContext http, IServiceProvider services, CancellationToken cancellationToken)
    {
        var faults = new Dictionary<string, string>();
        if (await DatabaseFaultAsync(services, cancellationToken) is { } database)
            faults["database"] = database;
        else if (await services.GetRequiredService<KeyGuard>().FaultAsync(cancellationToken) is { } keys)
            faults["keys"] = keys;
        if (DataFault(services) is { } data)
            faults["data"] = data;
        if (role != NodeRole.Work && services.GetRequiredService<AuthOptions>().Takes(AuthModes.Mtls) && services.GetRequiredService<RevocationLists>().Fault() is { } lists)
            faults["client_certificates"] = lists;
        if (role != NodeRole.Api && !faults.ContainsKey("database"))
        {
            foreach (var lacks in (await services.GetRequiredService<WorkerMeans>().FindAsync(cancellationToken)).Where(lack => lack.IsWanted).GroupBy(lack => lack.What))
                faults.TryAdd(lacks.Key, string.Join("; ", lacks.Select(lack => lack.Why)));
        }

        if (faults.Count == 0)
            return TypedResults.Ok(new Readiness(Ready: true, faults));
        return new NotReady(MayKnowWhy(http) ? faults : faults.ToDictionary(fault => fault.Key, _ => "its operator finds the cause in the log, and at this address with their key"));
    }

    // The reasons name folders and settings, and the address is open to strangers.
    private static bool MayKnowWhy(HttpContext http) =>
        AccessPolicy.IsFromLoopback(http) || (http.User.Identity is { IsAuthenticated: true } && (Requester.Of(http.User).Roles & (Roles.Operator | Roles.Auditor)) != Roles.None);

    private static async Task<string?> DatabaseFaultAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
            _ = await db.Jobs.AnyAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException)
        {
            return "the database does not answer";
        }
    }

    private static string? DataFault(IServiceProvider services)
    {
        var site = services.GetRequiredService<CohortSite>();
        if (site.IsUnused)
            return null;
        return site.Read(out var why) is { } data ? services.GetRequiredService<ReadableData>().Fault(data.View) : why;
    }

    private sealed class NotReady(Dictionary<string, string> faults) : IResult, IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(Readiness), ["application/json"]));

        public Task ExecuteAsync(HttpContext httpContext) =>
            TypedResults.Json(new Readiness(Ready: false, faults), statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(httpContext);
    }
}

/// <summary>The answer of a process that lives.</summary>
internal sealed record Life([property: JsonPropertyName("ok")] bool Ok);

/// <summary>Whether the node can do its work; else what is not ready, and why.</summary>
internal sealed record Readiness(
    [property: JsonPropertyName("ready")] bool Ready,
    [property: JsonPropertyName("not_ready")] IReadOnlyDictionary<string, string> NotReady);
