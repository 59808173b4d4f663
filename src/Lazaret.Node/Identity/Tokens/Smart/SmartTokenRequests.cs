using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity.Tokens.Clients;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http.Features;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;
using Errors = OpenIddict.Abstractions.OpenIddictConstants.Errors;

namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>
/// Authenticates the clients of the token endpoint, in place of OpenIddict's own check, which compares only the path of <c>aud</c>, reads no JWK set
/// from an address, and lets an assertion be used more than once. OpenIddict reads the request, and writes token and errors.
/// </summary>
internal sealed class SmartTokenRequests(ClientTokens tokens, AuthenticationAudit audit) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    private const int LargestBody = 64 << 10;

    /// <summary>OpenIddict looks at each request; only posts for a token are answered here. Any other method there is the router's to refuse.</summary>
    public static readonly OpenIddictServerHandlerDescriptor OwnPathAlone = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessRequestContext>()
        .UseInlineHandler(async context =>
        {
            var http = context.Transaction.GetHttpRequest()!.HttpContext;
            // As the router compares: without regard to case and to a slash at the end.
            if (!HttpMethods.IsPost(http.Request.Method) || !string.Equals(http.Request.Path.Value?.TrimEnd('/'), SmartMode.TokenPath, StringComparison.OrdinalIgnoreCase))
            {
                context.SkipRequest();
                return;
            }

            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = LargestBody;
            // OpenIddict would wait for the form as long as its sender likes.
            if (http.Request.HasFormContentType && await http.Request.ReadSmallFormAsync() is null)
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                http.Response.Headers.CacheControl = "no-store";
                await http.Response.WriteAsJsonAsync(new OAuthError(Errors.InvalidRequest, "The body is no form that the node reads, or did not arrive in time."), http.RequestAborted);
                context.HandleRequest();
            }
        })
        .SetOrder(int.MinValue)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public static readonly OpenIddictServerHandlerDescriptor Checked = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
        .UseScopedHandler<SmartTokenRequests>()
        .SetOrder(OpenIddictServerHandlers.EvaluateValidatedTokens.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    /// <summary>Audits what OpenIddict itself refuses, before or after the check here: other credentials, another grant.</summary>
    public static readonly OpenIddictServerHandlerDescriptor Refusals = OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyTokenResponseContext>()
        .UseInlineHandler(async context =>
        {
            var http = context.Transaction.GetHttpRequest()!.HttpContext;
            if (context.Error is { } error && HttpMethods.IsPost(http.Request.Method) && http.Items.TryAdd(typeof(SmartTokenRequests), true))
                await http.RequestServices.GetRequiredService<AuthenticationAudit>().RefusedAsync(http, null, $"POST {SmartMode.TokenPath}", $"the request for a token is refused: {error}");
        })
        .SetOrder(int.MinValue)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token)
            return;
        context.ExtractClientAssertion = context.ValidateClientAssertion = false;
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        try
        {
            switch (await CheckAsync(context.Request!, http))
            {
                case ClientTokenVerdict.Refused { Words: var words, Claimed: var claimed }:
                    AuthenticationAudit.Claim(http, claimed);
                    await RejectAsync(null, Errors.InvalidClient, words);
                    break;
                case ClientTokenVerdict.Valid { Requester: var client } when context.Request!.ClientId is { } named && named != client.Name:
                    await RejectAsync(client, Errors.InvalidClient, "client_id is not the assertion's client.");
                    break;
                case ClientTokenVerdict.Valid { Requester: var client }:
                    context.Request!.ClientId = client.Name;
                    if (SmartScopes.Grant(context.Request.Scope) is { } granted)
                        http.Features.Set(new SmartGrant(client, granted));
                    else
                        await RejectAsync(client, Errors.InvalidScope, $"scope must be of {string.Join(", ", SmartScopes.Supported)}.");
                    break;
                case var verdict:
                    throw new InvalidOperationException($"unknown verdict {verdict.GetType().Name}");
            }
        }
        catch (ProofUnavailableException e)
        {
            await audit.RefusedAsync(http, null, $"POST {SmartMode.TokenPath}", e.Message);
            // RFC 6749 defines no error code for this at the token endpoint, so the one of the authorization endpoint is used.
            http.Response.Headers.RetryAfter = RetryLater.Seconds;
            http.Response.Headers.CacheControl = "no-store";
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await http.Response.WriteAsJsonAsync(new OAuthError(Errors.TemporarilyUnavailable, e.Message), http.RequestAborted);
            context.HandleRequest();
        }

        // What is audited here is marked, so that Refusals does not audit it once more.
        async Task RejectAsync(Requester? client, string error, string words)
        {
            await audit.RefusedAsync(http, client, $"POST {SmartMode.TokenPath}", words);
            http.Items[typeof(SmartTokenRequests)] = true;
            context.Reject(error, words);
        }
    }

    private async Task<ClientTokenVerdict> CheckAsync(OpenIddictRequest request, HttpContext http)
    {
        if (request.ClientAssertionType != OpenIddictConstants.ClientAssertionTypes.JwtBearer || request.ClientAssertion is not { Length: > 0 } assertion || request.ClientSecret is not null)
            return new ClientTokenVerdict.Refused($"Send client_assertion, and client_assertion_type={OpenIddictConstants.ClientAssertionTypes.JwtBearer}, and no other credentials.");
        return NodeAddress.OwnOf(http.Request) is { } root
            ? await tokens.CheckAsync(assertion, ClientTokenRules.Smart(root + SmartMode.TokenPath), http.RequestAborted)
            : new ClientTokenVerdict.Refused(NodeAddress.Unknown);
    }
}

/// <summary>A client that proved who it is, and what it is granted.</summary>
internal sealed record SmartGrant(Requester Client, IReadOnlyList<string> Scopes);
