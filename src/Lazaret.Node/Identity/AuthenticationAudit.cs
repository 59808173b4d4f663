using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Lazaret.Node.Audit;

namespace Lazaret.Node.Identity;

/// <summary>
/// Writes into the audit who was let in and who was turned away. A requester's first use of a mode with some roles on a day is an entry. Refusals are counted beyond
/// sixty a minute of all strangers together, and of each requester, and the next entry carries the count. A client that hangs up keeps nothing out.
/// </summary>
internal sealed class AuthenticationAudit(AuditLog audit, TimeProvider time) : IDisposable
{
    private const int MostNames = 10_000;
    private const int MostAMinute = 60;

    /// <summary>The actor of entries about somebody who is not known.</summary>
    public const string Nobody = "nobody";

    // A requester's name is one that an authentication mode knows, so that there are no more of them than people and programs.
    private readonly PartitionedRateLimiter<string> _refusals = PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetFixedWindowLimiter(
        name, _ => new FixedWindowRateLimiterOptions { PermitLimit = MostAMinute, Window = TimeSpan.FromMinutes(1), AutoReplenishment = true, QueueLimit = 0 }));

    private readonly ConcurrentDictionary<string, int> _uncounted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Name, string Mode, Roles Roles), DateOnly> _seen = new();

    public async Task UsedAsync(Requester requester, string mode)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var use = (requester.Name, mode, requester.Roles);
        if (_seen.TryGetValue(use, out var last) && last == today)
            return;
        await audit.WriteAsync(AuditAction.Authenticated, requester.Name, new() { ["mode"] = mode, ["roles"] = RoleNames.Of(requester.Roles).ToArray() }, CancellationToken.None);
        if (_seen.Count >= MostNames)
            _seen.Clear();
        _seen[use] = today;
    }

    /// <param name="requester">Null when nobody was authenticated.</param>
    public async Task RefusedAsync(Requester? requester, string endpoint, string why)
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
            new() { ["endpoint"] = endpoint, ["why"] = why, ["more_before"] = more > 0 ? more : null },
            CancellationToken.None);
    }

    public void Dispose() => _refusals.Dispose();
}
