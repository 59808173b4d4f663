using Microsoft.OpenApi;

namespace Lazaret.Node.Admission;

/// <summary>The header under which a request may be sent again and stay one job.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>Says in the interface's description that the endpoint honours the header.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = Header,
            In = ParameterLocation.Header,
            Description = "The same request under the same key is the same job; another request under it is refused.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        return Task.CompletedTask;
    });
}
