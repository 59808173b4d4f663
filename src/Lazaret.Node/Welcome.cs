using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Lazaret.Node;

/// <summary><c>GET /</c>: what this is and where to go on, as a page for a browser and as JSON for everything else.</summary>
internal static class Welcome
{
    private static readonly (string Path, string Says)[] Links =
    [
        ("/console", "the console: pages for people"),
        ("/docs", "the interface, as pages to read"),
        ("/openapi/v1.json", "the interface, described (OpenAPI)"),
        ("/catalog/variables", "what may be asked of the cohort"),
        ("/v1/models", "the models, and what each needs to know"),
        ("/fhir/metadata", "the FHIR interface"),
        ("/cds-services", "the CDS Hooks services"),
        ("/readyz", "whether the node can do its work"),
    ];

    public static void MapWelcome(this IEndpointRouteBuilder node) => node.MapGet("/", Introduce)
        .WithTags("Health").WithSummary("What this node is, and where its interface is described")
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Responses!["200"].Content!.Add("text/html", new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            return Task.CompletedTask;
        });

    private static Results<Ok<NodeIntroduction>, ContentHttpResult> Introduce(HttpContext http, SiteOptions site, AuthOptions auth, BrowserOrigin origin) => BrowserOrigin.WantsPage(http.Request)
        ? BarePage.Of(http, StatusCodes.Status200OK, "Brain maps and models come here to the data", Page(http, site.Name, auth, origin.Prefix))
        : TypedResults.Ok(new NodeIntroduction("Lazaret", NodeVersion.Current, site.Name, Links.ToDictionary(link => origin.Prefix + link.Path, link => link.Says)));

    // A proxy may put the node below another path.
    private static string Page(HttpContext http, string site, AuthOptions auth, string prefix) =>
        $"""
        <div class="stack">
        <section class="panel">
        <p>This is the Lazaret node of <strong>{HtmlEncoder.Default.Encode(site)}</strong>, version {NodeVersion.Current}. Maps and models run isolated beside the data, and only what is safe leaves.</p>
        <p>{(!auth.IsOn || http.User.Identity is { IsAuthenticated: true } ? $"<a class=\"btn go\" href=\"{prefix}/console\">To the console</a>"
            : auth.HasPeople ? $"<a class=\"btn go\" href=\"{prefix}/sign-in\">Sign in</a>"
            : "Programs ask here, with keys or tokens: people have no accounts at this node.")}</p>
        </section>
        <section class="panel">
        <h2>For programs</h2>
        <dl class="facts">
        {string.Join('\n', Links.Skip(1).Select(link => $"<dt><a href=\"{HtmlEncoder.Default.Encode(prefix + link.Path)}\">{link.Path}</a></dt><dd>{link.Says}</dd>"))}
        </dl>
        </section>
        </div>
        """;
}

/// <summary>What a node says of itself.</summary>
internal sealed record NodeIntroduction(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("site")] string Site,
    [property: JsonPropertyName("links")] IReadOnlyDictionary<string, string> Links);
