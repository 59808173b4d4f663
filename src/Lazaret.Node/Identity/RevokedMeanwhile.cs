using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Identity;

/// <summary>
/// A requester can be revoked while the body of their request arrives. This checks again when the body is complete. Cohort and diagnosis requests are checked when
/// they are admitted, not here.
/// </summary>
internal static class RevokedMeanwhile
{
    /// <exception cref="BadHttpRequestException">The sender was revoked, which the audit says by now.</exception>
    public static async Task RefuseRevokedAsync(this HttpContext http)
    {
        var services = http.RequestServices;
        var sender = Requester.Of(http.User);
        if (!await services.GetRequiredService<RequesterDirectory>().IsRevokedAsync(sender.Name, http.RequestAborted))
            return;
        var called = AccessTable.NameOf(http.Request.Method, ((RouteEndpoint)http.GetEndpoint()!).RoutePattern);
        await services.GetRequiredService<AuthenticationAudit>().RefusedAsync(http, sender, called, "revoked");
        throw new BadHttpRequestException("the sender was revoked", StatusCodes.Status403Forbidden);
    }
}
