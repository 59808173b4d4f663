using System.Net;
using Lazaret.Node.Http;
using Microsoft.AspNetCore.Authorization;

namespace Lazaret.Node.Identity;

/// <summary>Holds a caller against the <see cref="Access"/> of the endpoint that is called.</summary>
internal sealed class AccessPolicy : AuthorizationHandler<AccessPolicy.Requirement>
{
    public const string Name = "access";

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, Requirement requirement)
    {
        if (context.Resource is not HttpContext http || http.GetEndpoint()?.Metadata.GetMetadata<Access>() is not { } access)
            return Task.CompletedTask;
        if ((access.FromLoopback && IsFromLoopback(http)) || (context.User.Identity is { IsAuthenticated: true } && access.Admits(Requester.Of(context.User).Roles) && !access.IsBeyondLimitsOf(context.User)))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }

    // What a proxy on this machine passes on comes from elsewhere.
    public static bool IsFromLoopback(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && Loopback.IsCalledSo(http.Request) && !http.IsPassedOn();

    public sealed class Requirement : IAuthorizationRequirement;
}
