using System.Collections.Frozen;
using Lazaret.Node.Identity.Tokens.Smart;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Lazaret.Node.Identity;

/// <summary>
/// Which role may call which endpoint: the only place that decides it. <c>lazaret doctor --access</c> prints it. A node with an endpoint that is
/// missing here does not start. One address is no endpoint: the handler of OpenID Connect answers <c>/sign-in/callback</c> itself, for nobody is signed in
/// there yet; a test holds that there is no other.
/// </summary>
public static class AccessTable
{
    private static readonly Access Anybody = new(Roles.All);
    private static readonly Access Asking = new(Roles.Requester);
    private static readonly Access AskingFhir = Asking with { Resource = SmartScopes.GuidanceResponse };
    private static readonly Access Watching = new(Roles.Requester | Roles.Auditor);

    private static readonly Access Deciding = new(Roles.Steward);
    private static readonly Access Reviewing = new(Roles.Steward | Roles.Auditor);
    private static readonly Access Running = new(Roles.Operator);
    private static readonly Access Overseeing = new(Roles.Steward | Roles.Auditor | Roles.Operator);

    /// <summary>By method and route. HEAD is allowed where GET is.</summary>
    public static readonly FrozenDictionary<string, Access> Endpoints = new Dictionary<string, Access>(StringComparer.Ordinal)
    {
        ["GET /"] = Access.Open,
        ["GET /healthz"] = Access.Open,
        ["GET /readyz"] = Access.Open,
        ["GET /openapi/v1.json"] = Access.Open,
        ["GET /.well-known/lazaret-keys"] = Access.Open,
        ["GET /metrics"] = new Access(Roles.Operator | Roles.Auditor, FromLoopback: true),

        ["GET /session"] = Anybody,
        // Whoever signs in is nobody yet.
        ["GET /sign-in"] = Access.Open,
        ["POST /sign-in"] = Access.Open,
        ["GET /sign-in/people.css"] = Access.Open,
        ["GET /sign-in/people.js"] = Access.Open,
        ["POST /sign-in/passkey/options"] = Access.Open,
        ["POST /sign-in/passkey"] = Access.Open,
        ["GET /sign-in/provider"] = Access.Open,
        ["GET /sign-in/setup"] = Access.Open,
        ["POST /sign-in/setup"] = Access.Open,
        ["POST /sign-in/setup/password"] = Access.Open,
        ["POST /sign-in/setup/passkey/options"] = Access.Open,
        ["POST /sign-in/setup/passkey"] = Access.Open,
        ["POST /sign-out"] = Access.Open,

        ["GET /catalog/variables"] = Anybody,
        ["POST /jobs"] = Asking,
        ["GET /jobs/{id:guid}"] = Watching,
        ["GET /jobs/{id:guid}/events"] = Watching,
        ["GET /jobs/{id:guid}/receipt"] = Watching,
        ["DELETE /jobs/{id:guid}"] = Asking,
        ["GET /v1/budget"] = new Access(Roles.Requester | Roles.Steward | Roles.Auditor),

        ["GET /v1/reviews"] = Reviewing,
        ["GET /v1/reviews/{id:guid}"] = Reviewing,
        ["POST /v1/reviews/{id:guid}"] = Deciding,

        // Pages for people. What they show and do is held by the same services as what programs call. Where forms are sent and no page is, a GET leads to the page that has the form.
        ["GET /docs"] = Access.Open,
        ["GET /docs/scalar.js"] = Access.Open,
        ["GET /console"] = Anybody,
        ["GET /console/files/console.css"] = Access.Open,
        ["GET /console/files/console.js"] = Access.Open,
        ["GET /console/files/question.js"] = Access.Open,
        ["GET /console/files/viewer.js"] = Access.Open,
        ["GET /console/changes"] = Anybody,
        ["GET /console/sign-out"] = Anybody,
        ["POST /console/sign-out"] = Anybody,
        ["GET /console/jobs"] = Anybody,
        ["GET /console/jobs/{id:guid}"] = Anybody,
        ["GET /console/jobs/{id:guid}/cancel"] = Asking,
        ["POST /console/jobs/{id:guid}/cancel"] = Asking,
        ["GET /console/jobs/{id:guid}/log"] = Running,
        ["GET /console/jobs/{id:guid}/answer.csv"] = Watching,
        ["GET /console/jobs/{id:guid}/answer.json"] = Watching,
        ["GET /console/jobs/{id:guid}/map"] = Asking,
        // The site's masks, and its template where it shows that: what a map is looked at with.
        ["GET /console/masks/{name}"] = new Access(Roles.Requester | Roles.Steward | Roles.Auditor),
        ["GET /console/template"] = new Access(Roles.Requester | Roles.Steward | Roles.Auditor),
        ["GET /console/ask"] = Asking,
        ["POST /console/ask"] = Asking,
        ["GET /console/ask/check"] = Asking,
        ["POST /console/ask/check"] = Asking,
        ["GET /console/reviews"] = Reviewing,
        ["GET /console/reviews/{id:guid}"] = Reviewing,
        ["GET /console/reviews/{id:guid}/map"] = Reviewing,
        ["POST /console/reviews/{id:guid}"] = Deciding,
        ["GET /console/data"] = Anybody,
        ["GET /console/data/check"] = Deciding,
        ["POST /console/data/check"] = Deciding,
        ["GET /console/data/reload"] = Deciding,
        ["POST /console/data/reload"] = Deciding,
        ["GET /console/data/ingest"] = new Access(Roles.Steward | Roles.Operator),
        ["POST /console/data/ingest"] = new Access(Roles.Steward | Roles.Operator),
        ["GET /console/models"] = Anybody,
        ["POST /console/models"] = Running,
        ["GET /console/models/{key}"] = Anybody,
        ["POST /console/models/{key}"] = Asking,
        ["GET /console/models/{key}/remove"] = Running,
        ["POST /console/models/{key}/remove"] = Running,
        ["GET /console/analyses"] = Running,
        ["POST /console/analyses"] = Running,
        ["GET /console/analyses/{key}"] = Anybody,
        ["GET /console/analyses/{key}/remove"] = Running,
        ["POST /console/analyses/{key}/remove"] = Running,
        ["GET /console/ledger"] = Reviewing,
        ["GET /console/ledger/verify"] = Reviewing,
        ["POST /console/ledger/verify"] = Reviewing,
        ["GET /console/people"] = Overseeing,
        ["POST /console/people"] = Running,
        ["GET /console/people/link"] = Running,
        ["POST /console/people/link"] = Running,
        ["GET /console/people/revoke"] = Running,
        ["POST /console/people/revoke"] = Running,
        ["GET /console/people/sessions"] = Running,
        ["POST /console/people/sessions"] = Running,
        ["GET /console/keys"] = Running,
        ["POST /console/keys"] = Running,
        ["GET /console/keys/rotate"] = Running,
        ["POST /console/keys/rotate"] = Running,
        ["GET /console/keys/revoke"] = Running,
        ["POST /console/keys/revoke"] = Running,
        ["GET /console/projects"] = Overseeing,
        ["GET /console/projects/{key}"] = Overseeing,
        ["GET /console/new-project"] = Deciding,
        ["POST /console/new-project"] = Deciding,
        ["GET /console/projects/{key}/members"] = Deciding,
        ["POST /console/projects/{key}/members"] = Deciding,
        ["GET /console/projects/{key}/close"] = Deciding,
        ["POST /console/projects/{key}/close"] = Deciding,
        ["GET /console/webhooks"] = Overseeing,
        ["GET /console/webhooks/secret"] = Running,
        ["POST /console/webhooks/secret"] = Running,
        ["GET /console/webhooks/endpoint"] = Running,
        ["POST /console/webhooks/endpoint"] = Running,
        ["GET /console/webhooks/redeliver"] = Running,
        ["POST /console/webhooks/redeliver"] = Running,

        ["GET /v1/models"] = Anybody,
        ["GET /v1/models/{key}"] = Anybody,
        ["POST /v1/diagnose"] = Asking,
        ["GET /v1/jobs/{id:guid}"] = Watching,
        ["GET /v1/jobs/{id:guid}/receipt"] = Watching,
        ["DELETE /v1/jobs/{id:guid}"] = Asking,

        // A client reads these before it can know how to authenticate (SMART App Launch 2.2, CDS Hooks 2.0).
        ["GET /fhir/metadata"] = Access.Open,
        ["GET /cds-services"] = Access.Open,
        ["GET /.well-known/smart-configuration"] = Access.Open,
        ["GET /fhir/.well-known/smart-configuration"] = Access.Open,
        ["POST /oauth/token"] = Access.Open,
        ["GET /fhir/Library/{key}"] = Anybody with { Resource = SmartScopes.Library },
        ["GET /fhir/Library/{key}/$data-requirements"] = Anybody with { Resource = SmartScopes.Library },
        ["POST /fhir/Library/{key}/$data-requirements"] = Anybody with { Resource = SmartScopes.Library },
        ["POST /fhir/Library/{key}/$evaluate"] = AskingFhir,
        ["GET /fhir/GuidanceResponse/{id:guid}"] = Watching with { Resource = SmartScopes.GuidanceResponse },
        ["GET /fhir/$status/{id:guid}"] = Watching with { Resource = SmartScopes.GuidanceResponse },
        ["DELETE /fhir/$status/{id:guid}"] = AskingFhir,
        ["POST /cds-services/{key}"] = AskingFhir,
        ["POST /cds-services/{key}/feedback"] = AskingFhir,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Writes into each endpoint who may call it; the framework's authorization does the rest.</summary>
    public static void RequireAccess(this IEndpointConventionBuilder endpoints) => endpoints.Finally(endpoint =>
    {
        var route = ((RouteEndpointBuilder)endpoint).RoutePattern.RawText!;
        var methods = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [];
        var access = methods.Where(method => !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method))
            .Select(method => Endpoints.GetValueOrDefault(NameOf(method, ((RouteEndpointBuilder)endpoint).RoutePattern)) ?? throw new InvalidOperationException($"{method} {route}: AccessTable does not say who may call it"))
            .Distinct().ToList();
        // A preflight tells nothing of what it asks for.
        if (methods.Count > 0 && methods.All(HttpMethods.IsOptions))
            access = [Access.Open];
        if (access is not [var only])
            throw new InvalidOperationException($"{route}: one endpoint, but AccessTable says {access.Count} things about its methods");
        endpoint.Metadata.Add(only);
        endpoint.Metadata.Add(only.IsOpen ? new AllowAnonymousAttribute() : new AuthorizeAttribute { Policy = AccessPolicy.Name });
    });

    /// <summary>Makes every endpoint that was mapped, and looks whether the table knows it. What is mapped later is not served.</summary>
    /// <exception cref="InvalidOperationException">An endpoint was mapped past the table.</exception>
    public static void CheckAccess(this IEndpointRouteBuilder node)
    {
        // A group makes its endpoints anew for whoever looks at them, which is most of what a start takes: routing gets those that are looked at here.
        var all = new CompositeEndpointDataSource([.. node.DataSources]);
        node.DataSources.Clear();
        node.DataSources.Add(all);
        if (all.Endpoints.FirstOrDefault(endpoint => endpoint.Metadata.GetMetadata<Access>() is null) is { } past)
            throw new InvalidOperationException($"{past.DisplayName}: AccessTable does not say who may call it");
    }

    /// <summary>An endpoint as the table and the audit name it.</summary>
    internal static string NameOf(string method, RoutePattern route) => $"{method} /{route.RawText!.Trim('/')}";
}
