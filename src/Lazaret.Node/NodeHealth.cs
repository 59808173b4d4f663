using System.Text.Json.Nodes;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Configuration;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node;

/// <summary>Whether the process lives, and whether it can do its work.</summary>
public static class NodeHealth
{
    public static void MapHealth(this IEndpointRouteBuilder node, NodeRole role)
    {
        var health = node.MapGroup("").WithTags("Health");
        health.MapGet("/healthz", () => Results.Json(new { ok = true })).WithSummary("The process lives");
        health.MapGet("/readyz", async (IServiceProvider services, CancellationToken cancellationToken) =>
            {
                var faults = new JsonObject();
                if (await DatabaseFaultAsync(services, cancellationToken) is { } database)
                    faults["database"] = database;
                if (role != NodeRole.Work && DataFault(services) is { } data)
                    faults["data"] = data;
                if (role != NodeRole.Api && services.GetRequiredService<GuestProgram>().Fault() is { } guest)
                    faults["guest"] = guest;
                return Results.Json(
                    new JsonObject { ["ready"] = faults.Count == 0, ["not_ready"] = faults },
                    statusCode: faults.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
            })
            .WithSummary("The node can do its work, or what is not ready");
    }

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

    // A hospital that only diagnoses has no data view, and leaves the key alone.
    private static string? DataFault(IServiceProvider services)
    {
        var site = services.GetRequiredService<CohortSite>();
        var unused = services.GetRequiredService<NodeOptions>().Data == new DataOptions() && !Directory.Exists(site.Directory);
        if (unused)
            return null;
        return site.Read(out var why) is { } data ? DataAccess.Fault(data.View) : why;
    }
}
