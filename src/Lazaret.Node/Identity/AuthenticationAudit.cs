using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Lazaret.Node.Audit;

namespace Lazaret.Node.Identity;

/// <summary>
/// Writes into the audit who was let in and who was turned away. A requester's first use of a mode on a day is an entry. A stranger can send as many
/// refused requests as they like, so that refusals are counted beyond a number a minute, and the next entry carries the count.
/// </summary>
internal sealed class AuthenticationAudit(AuditLog audit, TimeProvider time) : IDisposable
{
    private const int MostNames = 10_000;

    private readonly FixedWindowRateLimiter _refusals = new(new() { PermitLimit = 60, Window = TimeSpan.FromMinutes(1), AutoReplenishment = true, QueueLimit = 0 });
    private readonly ConcurrentDictionary<(string Name, string Mode), DateOnly> _seen = new();
    private int _uncounted;

    public Task UsedAsync(Requester requester, string mode, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (_seen.TryGetValue((requester.Name, mode), out var last) && last == today)
            return Task.CompletedTask;
        if (_seen.Count >= MostNames)
            _seen.Clear();
        _seen[(requester.Name, mode)] = today;
        return audit.WriteAsync(AuditAction.Authenticated, requester.Name, new() { ["mode"] = mode, ["roles"] = RoleNames.Of(requester.Roles).ToArray() }, cancellationToken);
    }

    /// <param name="requester">Null when nobody was authenticated.</param>
    public async Task RefusedAsync(Requester? requester, string endpoint, string why, CancellationToken cancellationToken)
    {
        using var lease = _refusals.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            Interlocked.Increment(ref _uncounted);
            return;
        }

        var more = Interlocked.Exchange(ref _uncounted, 0);
        await audit.WriteAsync(
            requester is null ? AuditAction.AuthenticationRefused : AuditAction.AccessRefused,
            requester?.Name ?? Nobody,
            new() { ["endpoint"] = endpoint, ["why"] = why, ["more_before"] = more > 0 ? more : null },
            cancellationToken);
    }

    public void Dispose() => _refusals.Dispose();

    private const string Nobody = "nobody";
}
