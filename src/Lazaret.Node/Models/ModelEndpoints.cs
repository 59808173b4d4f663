using System.Text.Json.Nodes;
using Lazaret.Node.Http;

namespace Lazaret.Node.Models;

/// <summary>What the registered models need and answer, for those who write to them.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder node)
    {
        var models = node.MapGroup("/v1/models").WithTags("Models");
        models.MapGet("", async (ModelRegistry registry, CancellationToken cancellationToken) =>
                Results.Json(new JsonObject { ["models"] = List(await registry.ListAsync(cancellationToken)) }))
            .WithSummary("The registered models, the most accurate version of each first")
            .Produces<JsonObject>();
        models.MapGet("/{key}", async (string key, ModelRegistry registry, CancellationToken cancellationToken) =>
                (await registry.ListAsync(cancellationToken)).Where(model => model.Manifest.Key == key).ToList() is { Count: > 0 } versions
                    ? Results.Json(new JsonObject { ["key"] = key, ["versions"] = List(versions) })
                    : Problems.NotFound("model"))
            .WithSummary("The versions of one model, and what each needs")
            .Produces<JsonObject>()
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static JsonArray List(IEnumerable<Model> models) => [.. models.Select(Describe)];

    private static JsonNode Describe(Model model) => new JsonObject
    {
        ["key"] = model.Manifest.Key,
        ["name"] = model.Manifest.Name,
        ["version"] = model.Manifest.Version.ToString(),
        ["accuracy"] = model.Manifest.Accuracy,
        ["digest"] = model.Row.Digest,
        ["signed_by"] = model.Row.SignedBy,
        ["requires"] = new JsonArray([.. model.Manifest.Requirements.Select(RequirementJson.Describe)]),
        ["output"] = new JsonArray([.. model.Manifest.Output.Keys.Select(name => (JsonNode)name)]),
    };
}
