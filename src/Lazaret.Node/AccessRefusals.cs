using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.WebConsole;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Lazaret.Node;

/// <summary>Words for those whom the access table turns away, in the dialect of the address that they called; and the audit of who was let in.</summary>
internal sealed class AccessRefusals(AuthenticationAudit audit, AuthOptions options) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var requester = context.User.Identity is { IsAuthenticated: true } ? Requester.Of(context.User) : null;
        if (authorizeResult.Succeeded)
        {
            if (requester is not null && options.IsOn)
                await audit.UsedAsync(context, requester, context.User.Identity!.AuthenticationType!);
            await next(context);
            return;
        }

        var endpoint = (RouteEndpoint)context.GetEndpoint()!;
        var called = AccessTable.NameOf(context.Request.Method, endpoint.RoutePattern);
        if (requester is not null)
        {
            await ForbidAsync(context, called, requester, endpoint.Metadata.GetRequiredMetadata<Access>());
            return;
        }

        var failure = (await context.AuthenticateAsync()).Failure;
        if (failure is not null)
            await audit.RefusedAsync(context, null, called, failure.Message);
        // Whoever shows a key or a token is a program, and is told what is wrong with it.
        if (options.HasPeople && HttpMethods.IsGet(context.Request.Method) && ProblemPage.IsFor(context.Request) && context.Request.Headers.Authorization.Count == 0 && failure is not ProofUnavailableException)
            await LeadAsync(context);
        else
            await ChallengeAsync(context, failure);
    }

    /// <summary>To the pages of sign-in, and from there back.</summary>
    private static async Task LeadAsync(HttpContext context)
    {
        if (context.Request.Path != ConsoleEndpoints.Path)
            ReturnPath.Keep(context, context.RequestServices.GetRequiredService<BrowserOrigin>());
        await new SeeOther(context.RequestServices.GetRequiredService<PersonPages>().At("/sign-in")).ExecuteAsync(context);
    }

    private async Task ChallengeAsync(HttpContext context, Exception? failure)
    {
        if (failure is ProofUnavailableException)
        {
            context.Response.Headers.RetryAfter = RetryLater.Seconds;
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "transient", "The node cannot answer this now", failure.Message);
            return;
        }

        var challenges = context.RequestServices.GetServices<Presented>().Select(mode => mode.Challenge).OfType<string>().Distinct(StringComparer.Ordinal);
        context.Response.Headers.WWWAuthenticate = challenges
            // RFC 6750, 3.1: what was wrong is a word of Bearer's alone.
            .Select(challenge => failure is not null && challenge.StartsWith("Bearer", StringComparison.Ordinal) ? $"{challenge}, error=\"invalid_token\"" : challenge).ToArray();
        // What was typed into a form is in the browser alone.
        if (options.HasPeople && ProblemPage.IsFor(context.Request))
            await new ProblemPage(StatusCodes.Status401Unauthorized, "Your session has ended", "Nothing was changed. Sign in in another tab, come back to this one, go back a page, and send the form again: some browsers keep what you typed.", signsIn: true).ExecuteAsync(context);
        else
            await AnswerAsync(context, StatusCodes.Status401Unauthorized, "unauthenticated", "login", "Say who you are", failure?.Message ?? $"This needs authentication: {string.Join(", ", options.Modes)}.");
    }

    private async Task ForbidAsync(HttpContext context, string called, Requester requester, Access access)
    {
        if (access.Admits(requester.Roles))
        {
            await audit.RefusedAsync(context, requester, called, "scope");
            await AnswerAsync(context, StatusCodes.Status403Forbidden, "forbidden", "forbidden", "Not in your token's scopes", access.Resource is { } resource
                ? $"The token's scopes do not open this; it needs system/{resource}.read."
                : "No scope of the node's own tokens opens this: they are for the FHIR and CDS Hooks endpoints.");
            return;
        }

        await audit.RefusedAsync(context, requester, called, "role");
        var (has, needs) = (string.Join(", ", RoleNames.Of(requester.Roles).DefaultIfEmpty("none")), string.Join(" or ", RoleNames.Of(access.Roles)));
        await AnswerAsync(context, StatusCodes.Status403Forbidden, "forbidden", "forbidden", "Not in your role", $"Your role is {has}; this needs {needs}.");
    }

    private static Task AnswerAsync(HttpContext context, int status, string type, string code, string title, string detail) =>
        NodeErrors.Answer(context.Request, Problems.Of(status, type, title, detail), status, code, detail).ExecuteAsync(context);
}
