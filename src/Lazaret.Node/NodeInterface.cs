using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Configuration;
using Microsoft.OpenApi;

namespace Lazaret.Node;

/// <summary>Adds to the interface's description, <c>/openapi/v1.json</c>, what the endpoints do not state themselves.</summary>
internal static class NodeInterface
{
    public static IServiceCollection AddInterface(this IServiceCollection services) => services
        // By default the description would say that each number may also be a text.
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict)
        .AddOpenApi(options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Lazaret",
                    Version = NodeVersion.Current,
                    Description = "Questions travel to the data: brain maps and models run isolated beside them, and only what is safe leaves.",
                };
                return Task.CompletedTask;
            })
            .AddSchemaTransformer((schema, context, _) =>
            {
                // The framework reads other attributes, but not this one.
                if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute allowed])
                    schema.Enum = [.. allowed.Values.Select(value => JsonSerializer.SerializeToNode(value)!)];
                return Task.CompletedTask;
            }));
}
