using Lazaret.Node.Http;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Identity;

/// <summary>
/// Without authentication only the loopback address protects the node, and a browser on this machine can reach it. A page from elsewhere
/// could call the node by a host name that resolves to this machine (DNS rebinding), or send a form to it.
/// </summary>
internal static class LoopbackGuard
{
    /// <param name="invited">Whether the operator allows pages of this origin to call this path.</param>
    public static void UseLoopbackGuard(this WebApplication node, AuthOptions auth, Func<PathString, string, bool> invited)
    {
        if (auth.Modes.Count > 0)
            return;
        node.Use((context, next) => Refusal(context.Request, invited) is { } refusal ? TypedResults.Problem(refusal).ExecuteAsync(context) : next(context));
    }

    private static ProblemDetails? Refusal(HttpRequest request, Func<PathString, string, bool> invited)
    {
        if (!Loopback.IsCalledSo(request))
            return Problems.Of(
                StatusCodes.Status421MisdirectedRequest,
                "misdirected",
                "Not this node's name",
                "Host must be localhost, 127.0.0.1 or [::1]: without authentication the node answers to no other name.");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && request.Headers.Origin is { Count: > 0 } origin
            && !origin.ToString().Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            && !invited(request.Path, origin.ToString()))
            return Problems.Of(
                StatusCodes.Status403Forbidden,
                "foreign-origin",
                "Not from this origin",
                $"Origin must be {request.Scheme}://{request.Host}: without authentication the node takes nothing from other sites' pages.");
        return null;
    }
}
