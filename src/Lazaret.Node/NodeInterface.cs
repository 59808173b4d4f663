using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Configuration;
using Microsoft.OpenApi;

namespace Lazaret.Node;

/// <summary>The node's description of itself, <c>/openapi/v1.json</c>: what no endpoint says of itself.</summary>
internal static class NodeInterface
{
    public static IServiceCollection AddInterface(this IServiceCollection services) => services
        // Numbers are numbers: the default would describe each as a text, too.
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
