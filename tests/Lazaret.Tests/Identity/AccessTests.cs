using System.Net;
using System.Text;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Provider;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Projects;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Lazaret.Tests.Identity;

public sealed class AccessTests
{
    [Fact]
    public async Task Every_role_calls_what_the_table_allows_and_nothing_else()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await ServingNode.StartAsync(options => WithProvider(options, provider));
        // It does not follow to the provider, and is nobody without a key.
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = node.Client.BaseAddress };
        var keys = new Dictionary<Roles, string?> { [Roles.None] = null };
        foreach (var role in RoleNames.Each)
            keys[role] = await node.RegisterAsync($"a-{role}", role);

        var wrong = new List<string>();
        var walked = new HashSet<string>();
        foreach (var (endpoint, method, path, mediaType) in Endpoints(node))
        {
            walked.Add(endpoint);
            var access = AccessTable.Endpoints[endpoint];
            foreach (var (role, key) in keys)
            {
                using var body = method == "GET" ? null : new StringContent("{}", Encoding.UTF8, mediaType);
                using var answer = await client.SendAsync(new HttpMethod(method), path, key, body);
                var expected = access.IsOpen || access.FromLoopback || (role != Roles.None && access.Admits(role)) ? null
                    : role == Roles.None ? HttpStatusCode.Unauthorized : (HttpStatusCode?)HttpStatusCode.Forbidden;
                var refused = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? answer.StatusCode : (HttpStatusCode?)null;
                if (refused != expected || (int)answer.StatusCode >= 500)
                    wrong.Add($"{endpoint} by {role}: {answer.StatusCode}, not {expected?.ToString() ?? "let in"}");
                if (refused == HttpStatusCode.Unauthorized && answer.Headers.WwwAuthenticate.Count == 0)
                    wrong.Add($"{endpoint}: 401 without WWW-Authenticate");
            }
        }

        Assert.Empty(wrong);
        Assert.Empty(AccessTable.Endpoints.Keys.Except(walked));
    }

    [Fact]
    public async Task Beside_the_table_the_provider_s_callback_alone_is_answered_and_no_proof_lets_anybody_in_there()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await ServingNode.StartAsync(options => WithProvider(options, provider));
        // A scheme that answers requests itself does so before there is an endpoint, and so before the table.
        var answering = await node.Services.GetRequiredService<IAuthenticationSchemeProvider>().GetRequestHandlerSchemesAsync();
        var oidc = node.Services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(Assert.Single(answering, IsProviders).Name);
        Assert.Equal(
            ("/sign-in/callback", false, false), (oidc.CallbackPath.Value, oidc.RemoteSignOutPath.HasValue, oidc.SignedOutCallbackPath.HasValue));
        // That of the token server has its address in the table.
        Assert.All(answering.Where(scheme => !IsProviders(scheme)), scheme => Assert.StartsWith("OpenIddict.Server", scheme.Name, StringComparison.Ordinal));

        var before = (await node.AuditAsync()).Count;
        foreach (var role in RoleNames.Each)
        {
            using var answer = await node.SendAsync(HttpMethod.Get, "/sign-in/callback?code=x&state=y", await node.RegisterAsync($"a-{role}", role));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.DoesNotContain(
                answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], cookie => cookie.Contains("lazaret=", StringComparison.Ordinal));
        }

        Assert.Equal(RoleNames.Each.Count, (await node.AuditAsync()).Skip(before).Count(entry => entry.Action == AuditAction.AuthenticationRefused));

        static bool IsProviders(AuthenticationScheme scheme) => scheme.HandlerType.IsAssignableTo(typeof(OpenIdConnectHandler));
    }

    [Fact]
    public async Task What_comes_through_a_proxy_on_this_machine_does_not_come_from_it()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        using var answer = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Strangers_are_not_told_why_the_node_is_not_ready()
    {
        const string Folder = "/nowhere/at/all";
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Data = new Lazaret.Node.Cohorts.Views.DataOptions { View = Folder } });
        var (auditor, requester) = (await node.RegisterAsync("auditor", Roles.Auditor), await node.RegisterAsync("bot", Roles.Requester));
        foreach (var (key, passedOn, isTold) in new[] { (null, false, true), (null, true, false), (requester, true, false), (auditor, true, true) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/readyz");
            if (key is not null)
                request.Headers.Authorization = new("Bearer", key);
            if (passedOn)
                request.Headers.Add("X-Forwarded-For", "192.0.2.1");
            using var answer = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(isTold, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(Folder, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Somebody_else_s_job_is_none_but_for_an_auditor()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (mine, yours, auditor) = (await node.RegisterAsync("mine", Roles.Requester), await node.RegisterAsync("yours", Roles.Requester), await node.RegisterAsync("auditor", Roles.Auditor));
        using var admitted = await node.AdmitMapAsync(mine);
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        var job = admitted.Headers.Location!.ToString();

        foreach (var (method, key, expected) in new[]
        {
            (HttpMethod.Get, yours, HttpStatusCode.NotFound), (HttpMethod.Delete, yours, HttpStatusCode.NotFound), (HttpMethod.Get, mine, HttpStatusCode.OK),
            (HttpMethod.Get, auditor, HttpStatusCode.OK), (HttpMethod.Delete, auditor, HttpStatusCode.Forbidden), (HttpMethod.Delete, mine, HttpStatusCode.NoContent),
        })
        {
            using var answer = await node.SendAsync(method, job, key);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task At_every_address_somebody_else_s_job_is_answered_as_one_that_is_not_there()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (mine, yours) = (await node.RegisterAsync("mine", Roles.Requester), await node.RegisterAsync("yours", Roles.Requester));
        using var map = await node.AdmitMapAsync(mine);
        using var diagnosis = await node.SendAsync(HttpMethod.Post, "/v1/diagnose", mine, ApprovedProjects.BodyFor("/v1/diagnose", ApprovedProjects.Bundle));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (map.StatusCode, diagnosis.StatusCode));
        string[] jobs = [.. new[] { map, diagnosis }.Select(admitted => admitted.Headers.Location!.ToString().Split('/')[^1])];
        var found = new HashSet<string>();
        foreach (var (endpoint, method, path, mediaType) in Endpoints(node).Where(endpoint => endpoint.Endpoint.Contains("{id:guid}", StringComparison.Ordinal)).OrderBy(endpoint => endpoint.Method == "GET" ? 0 : 1))
        {
            var none = await AskAsync(yours, Nothing);
            foreach (var job in jobs)
            {
                Assert.Equal((endpoint, none), (endpoint, await AskAsync(yours, job)));
                if (method == "GET" && await AskAsync(mine, job, onlyHead: true) is "OK" or "Accepted")
                    found.Add(endpoint);
            }

            async Task<string> AskAsync(string key, string id, bool onlyHead = false)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace(Nothing, id, StringComparison.Ordinal));
                request.Headers.Authorization = new("Bearer", key);
                request.Headers.Add("Sec-Fetch-Site", "same-origin");
                if (method != "GET")
                    request.Content = new StringContent("{}", Encoding.UTF8, mediaType);
                using var answer = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                if (onlyHead)
                    return $"{answer.StatusCode}";
                var isProblem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
                var body = isProblem ? await ApprovedProjects.ReadAsync(answer) : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                return $"{answer.StatusCode} {body.Replace(id, Nothing, StringComparison.OrdinalIgnoreCase)}";
            }
        }

        // The one who asked finds them.
        Assert.Superset(new HashSet<string> { "GET /jobs/{id:guid}", "GET /v1/jobs/{id:guid}", "GET /jobs/{id:guid}/events", "GET /console/jobs/{id:guid}", "GET /console/jobs/{id:guid}/map", "GET /fhir/$status/{id:guid}" }, found);
    }

    [Fact]
    public void An_endpoint_that_the_table_does_not_know_stops_the_start()
    {
        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder();
        using var node = (IDisposable)builder.Build();
        var routes = (IEndpointRouteBuilder)node;
        var group = Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGroup(routes, "");
        group.RequireAccess();
        Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(group, "/secret", () => "");
        Assert.Contains("GET /secret", Assert.Throws<InvalidOperationException>(routes.CheckAccess).Message, StringComparison.Ordinal);
    }

    private const string Nothing = "11111111-1111-1111-1111-111111111111";

    private static NodeOptions WithProvider(NodeOptions options, TestProvider provider) => options with
    {
        Auth = new AuthOptions
        {
            Modes = [AuthModes.Key, AuthModes.Smart, AuthModes.Oidc, AuthModes.Accounts],
            Oidc = new OidcOptions { Authority = provider.Issuer, ClientId = TestProvider.ClientId, Roles = new Dictionary<string, string> { ["stewards"] = "steward" } },
        },
    };

    private static IEnumerable<(string Endpoint, string Method, string Path, string MediaType)> Endpoints(ServingNode node) =>
        from endpoint in node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        where method is not ("HEAD" or "OPTIONS")
        let route = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        select ($"{method} {route}", method, route.Replace("{id:guid}", Nothing).Replace("{key}", ServingNode.Model),
            endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes[0] ?? "application/json");
}
