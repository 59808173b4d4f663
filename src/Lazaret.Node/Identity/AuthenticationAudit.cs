using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Identity;

/// <summary>
/// Writes into the audit who was let in and who was turned away. A requester's first use of a mode with some roles on a day is an entry. Refusals are counted beyond
/// sixty a minute of all strangers together, and of each requester, and the next entry carries the count. A client that hangs up keeps nothing out.
/// </summary>
internal sealed class AuthenticationAudit(AuditLog audit, TimeProvider time) : IDisposable
{
    private const int MostAMinute = 60;

    /// <summary>The actor of entries about somebody who is not known.</summary>
    public const string Nobody = "nobody";

    // A requester's name is one that an authentication mode knows, so that there are no more of them than people and programs.
    private readonly PartitionedRateLimiter<string> _refusals = PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetFixedWindowLimiter(
        name, _ => new FixedWindowRateLimiterOptions { PermitLimit = MostAMinute, Window = TimeSpan.FromMinutes(1), AutoReplenishment = true, QueueLimit = 0 }));

    private readonly ConcurrentDictionary<string, int> _uncounted = new(StringComparer.Ordinal);
    private readonly SeenToday<(string Name, string Mode, Roles Roles)> _seen = new(time);

    public async Task UsedAsync(Requester requester, string mode)
    {
        var use = (requester.Name, mode, requester.Roles);
        if (_seen.Holds(use))
            return;
        await audit.WriteAsync(AuditAction.Authenticated, requester.Name, new() { ["mode"] = mode, ["roles"] = RoleNames.Of(requester.Roles).ToArray() }, CancellationToken.None);
        _seen.Keep(use);
    }

    /// <summary>Says from which address the request came, as the configured proxies say, and which API key it showed, by the part that is no secret.</summary>
    /// <param name="http">The request that was turned away.</param>
    /// <param name="requester">Null when nobody was authenticated.</param>
    /// <param name="endpoint">As <see cref="AccessTable"/> names it.</param>
    /// <param name="why">In words of the node's own.</param>
    public async Task RefusedAsync(HttpContext http, Requester? requester, string endpoint, string why)
    {
        var actor = requester?.Name ?? Nobody;
        using var lease = _refusals.AttemptAcquire(actor);
        if (!lease.IsAcquired)
        {
            _uncounted.AddOrUpdate(actor, 1, (_, count) => count + 1);
            return;
        }

        _uncounted.TryRemove(actor, out var more);
        await audit.WriteAsync(
            requester is null ? AuditAction.AuthenticationRefused : AuditAction.AccessRefused,
            actor,
            new()
            {
                ["endpoint"] = endpoint,
                ["why"] = why,
                ["more_before"] = more > 0 ? more : null,
                ["address"] = AddressOf(http),
                ["key"] = Presented.BearerOf(http.Request) is { } bearer ? ApiKey.Read(bearer)?.Prefix : null,
            },
            CancellationToken.None);
    }

    public void Dispose() => _refusals.Dispose();

    private static string? AddressOf(HttpContext http) => http.Connection.RemoteIpAddress is { } address ? $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}" : null;
}
