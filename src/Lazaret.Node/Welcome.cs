using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
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

    private static Results<Ok<NodeIntroduction>, ContentHttpResult> Introduce(HttpRequest request, HttpResponse response, SiteOptions site, BrowserOrigin origin)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return BrowserOrigin.WantsPage(request)
            ? TypedResults.Content(Page(site.Name, origin.Prefix), "text/html; charset=utf-8")
            : TypedResults.Ok(new NodeIntroduction("Lazaret", NodeVersion.Current, site.Name, Links.ToDictionary(link => origin.Prefix + link.Path, link => link.Says)));
    }

    // A proxy may put the node below another path.
    private static string Page(string site, string prefix) =>
        $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <title>Lazaret</title>
        <style>
        body {"{"} font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem {"}"}
        dt {"{"} font-family: ui-monospace, monospace {"}"} dd {"{"} margin: 0 0 .5rem 0 {"}"}
        </style>
        <h1>Lazaret</h1>
        <p>This is the node of <strong>{HtmlEncoder.Default.Encode(site)}</strong>, version {NodeVersion.Current}. Brain maps and models
        come here to the data; they run isolated beside them, and only what is safe leaves.</p>
        <dl>
        {string.Join('\n', Links.Select(link => $"<dt><a href=\"{HtmlEncoder.Default.Encode(prefix + link.Path)}\">{link.Path}</a></dt><dd>{link.Says}</dd>"))}
        </dl>
        </html>
        """;
}

/// <summary>What a node says of itself.</summary>
internal sealed record NodeIntroduction(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("site")] string Site,
    [property: JsonPropertyName("links")] IReadOnlyDictionary<string, string> Links);
