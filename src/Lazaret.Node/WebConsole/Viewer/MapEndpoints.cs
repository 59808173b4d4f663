using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases.Reviews;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Viewer;

/// <summary>What the map viewer fetches: maps that requesters sent, and the volumes that the site shows behind them. No subject's volume is among them.</summary>
internal static class MapEndpoints
{
    private const string MediaType = "application/octet-stream";

    public static void MapMaps(this IEndpointRouteBuilder console)
    {
        console.MapGet("/jobs/{id:guid}/map", ShowOwnAsync);
        console.MapGet("/reviews/{id:guid}/map", ShowHeldAsync);
        console.MapGet("/masks/{name}", ShowMaskAsync);
        console.MapGet("/template", ShowTemplateAsync);
    }

    /// <summary>Shows a map to the requester who sent it.</summary>
    private static async Task<Results<FileContentHttpResult, Problem.NotFound>> ShowOwnAsync(
        Guid id, Requester requester, JobResults jobs, CohortSite site, ShownVolumes volumes, CancellationToken cancellationToken, int number = 1) =>
        await jobs.FindAsync(id, JobKind.Cohort, requester.Name, cancellationToken) is { Job: var job } ? await SendAsync(job, requester, jobs, site, volumes, number, cancellationToken) : new Problem.NotFound("job");

    /// <summary>Shows a map to stewards and auditors, if its answer is or was held.</summary>
    private static async Task<Results<FileContentHttpResult, Problem.NotFound>> ShowHeldAsync(
        Guid id, Requester reader, ReviewDesk reviews, JobResults jobs, CohortSite site, ShownVolumes volumes, CancellationToken cancellationToken, int number = 1) =>
        await reviews.FindAsync(id, reader.Name, cancellationToken) is { Job: var job } ? await SendAsync(job, reader, jobs, site, volumes, number, cancellationToken) : new Problem.NotFound("held release");

    private static async Task<Results<FileContentHttpResult, Problem.NotFound>> SendAsync(
        Job job, Requester reader, JobResults jobs, CohortSite site, ShownVolumes volumes, int number, CancellationToken cancellationToken) =>
        site.Read(out _) is { View.Grid: { } grid } && await jobs.ShowMapAsync(job, reader, cancellationToken) is { Length: > 0 } kept
            ? Sent(await volumes.MapAsync(kept, number, grid, cancellationToken), "map")
            : new Problem.NotFound("map");

    /// <summary>Shows a mask to requesters who may ask for it, and to stewards and auditors.</summary>
    private static async Task<Results<FileContentHttpResult, Problem.NotFound>> ShowMaskAsync(
        string name, Requester reader, CohortSite site, ProjectDirectory projects, ShownVolumes volumes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (site.Read(out _) is not { View: { Grid: { } grid } view } || !view.Masks.Contains(name, StringComparer.Ordinal))
            return new Problem.NotFound("mask");
        if ((reader.Roles & (Roles.Steward | Roles.Auditor)) == Roles.None)
        {
            var now = time.GetUtcNow();
            var own = (await projects.AllAsync(cancellationToken)).Values.Where(project => project.IsOpen(now) && project.HasMember(reader.Name)).ToList();
            if (own.Count > 0 && !own.Exists(project => Project.Allows(project.Masks, name)))
                return new Problem.NotFound("mask");
        }

        return Sent(await volumes.MaskAsync(view, name, grid, cancellationToken), "mask");
    }

    private static async Task<Results<FileContentHttpResult, Problem.NotFound>> ShowTemplateAsync(CohortSite site, ShownVolumes volumes, CancellationToken cancellationToken) =>
        site.Read(out _) is { View.ShownTemplate: { } path } ? Sent(await volumes.TemplateAsync(path, cancellationToken), "template") : new Problem.NotFound("template");

    private static Results<FileContentHttpResult, Problem.NotFound> Sent(byte[]? volume, string what) => volume is null ? new Problem.NotFound(what) : TypedResults.File(volume, MediaType);
}
