using Microsoft.OpenApi;

namespace Lazaret.Node.Projects;

/// <summary>The header by which a requester says which of their projects a request belongs to.</summary>
internal static class ProjectHeader
{
    public const string Name = "Lazaret-Project";

    private const int MaxLength = 64;

    /// <summary>Null without one; a blank one is none. What cannot be a project's key, as two values or a very long one, is a name that no project has.</summary>
    public static string? Of(HttpRequest request) => request.Headers[Name] switch
    {
        [] => null,
        [var one] when string.IsNullOrWhiteSpace(one) => null,
        [{ Length: <= MaxLength } one] => one.Trim(),
        _ => "",
    };

    /// <summary>Says in the interface's description that the endpoint looks at the header.</summary>
    public static RouteHandlerBuilder TakesProject(this RouteHandlerBuilder endpoint) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = Name,
            In = ParameterLocation.Header,
            Description = "The key of the project that the request belongs to. It may be left out by a member of one open project, and by a member of none where the site allows that.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = MaxLength },
        });
        return Task.CompletedTask;
    });
}
