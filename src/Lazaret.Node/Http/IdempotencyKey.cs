using Microsoft.OpenApi;

namespace Lazaret.Node.Http;

/// <summary>The header by which a requester marks a request that it may send again.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 200;

    private static readonly RequestFault TooLong = new(Header, $"is longer than {MaxLength} characters");

    /// <summary>Null without one. A blank one is none.</summary>
    public static string? Of(HttpRequest request) => request.Headers[Header].FirstOrDefault()?.Trim() is { Length: > 0 } key ? key : null;

    /// <summary>What is wrong with a key; null when nothing is. A part of it must not count: it could be the part of another's key.</summary>
    public static RequestFault? FaultOf(string? key) => key?.Length > MaxLength ? TooLong : null;

    /// <summary>Says in the interface's description that the endpoint honours the header.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = Header,
            In = ParameterLocation.Header,
            Description = "The same request under the same key is the same job; another request under it is refused.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = MaxLength },
        });
        return Task.CompletedTask;
    });
}
