using System.Threading.RateLimiting;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Server;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Telemetry;
using Microsoft.AspNetCore.RateLimiting;

namespace Lazaret.Node.RateLimits;

/// <summary>
/// Two limits on the requests a second: each address's, ahead of authentication, so that guesses of keys count as well; and each requester's, behind
/// it. Endpoints with <c>DisableRateLimiting</c> are not counted.
/// </summary>
internal static class RateLimitServices
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services, QueueOptions queue)
    {
        services.AddRateLimiter(_ => { }).AddSingleton<StandingRequests>();
        if (queue.Provider == QueueOptions.Redis)
            services.AddSingleton<RedisBuckets>();
        return services;
    }

    /// <param name="limit">Null for none.</param>
    /// <param name="refuse">Writes the answer, which has its status and <c>Retry-After</c> already.</param>
    public static void UseAddressLimit(this WebApplication node, RateLimit? limit, RequestDelegate refuse) =>
        node.UseLimit(limit, AddressOf, refuse);

    /// <inheritdoc cref="UseAddressLimit"/>
    public static void UseRequesterLimit(this WebApplication node, RateLimit? limit, RequestDelegate refuse) =>
        node.UseLimit(limit, RequesterOf, refuse);

    private static void UseLimit(this WebApplication node, RateLimit? limit, Func<HttpContext, string?> senderOf, RequestDelegate refuse)
    {
        if (limit is null)
            return;
        node.UseRateLimiter(new RateLimiterOptions
        {
            RejectionStatusCode = StatusCodes.Status429TooManyRequests,
            GlobalLimiter = new RequestLimiter(senderOf, limit, node.Services.GetRequiredService<TimeProvider>(), node.Services.GetService<RedisBuckets>()),
            OnRejected = async (refused, _) =>
            {
                var wait = refused.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.Zero;
                refused.HttpContext.Response.Headers.RetryAfter = RetryLater.SecondsOf(wait);
                RequestLog.LeaveOut(refused.HttpContext);
                await refuse(refused.HttpContext);
            },
        });
    }

    private static string? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address ? $"address:{ConnectionsPerAddress.ClientOf(address)}" : null;

    private static string? RequesterOf(HttpContext http) =>
        http.User.Identity is { IsAuthenticated: true } ? $"requester:{Requester.Of(http.User).Name}" : null;
}
