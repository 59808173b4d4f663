using Lazaret.Node.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Models;

/// <summary>What the registered models need and answer, for those who write to them.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder node)
    {
        var models = node.MapGroup("/v1/models").WithTags("Models");
        models.MapGet("", ListAsync).WithSummary("The registered models, the most accurate version of each first");
        models.MapGet("/{key}", ShowAsync).WithSummary("The versions of one model, and what each needs");
    }

    private static async Task<Ok<ModelListing>> ListAsync(ModelRegistry registry, ModelAvailability availability, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ModelListing([.. (await registry.ListAsync(cancellationToken)).Select(model => ModelAnswer.Of(model, availability.IsHere(model)))]));

    private static async Task<Results<Ok<ModelVersions>, Problem.NotFound>> ShowAsync(string key, ModelRegistry registry, ModelAvailability availability, CancellationToken cancellationToken) =>
        (await registry.ListAsync(cancellationToken)).Where(model => model.Manifest.Key == key).Select(model => ModelAnswer.Of(model, availability.IsHere(model))).ToList() is { Count: > 0 } versions
            ? TypedResults.Ok(new ModelVersions(key, versions))
            : new Problem.NotFound("model");
}
