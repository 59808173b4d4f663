using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Lazaret.Node.Audit;
using Lazaret.Node.Http.Server;
using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Identity;

/// <summary>
/// Audits who was let in and who was turned away. A requester's first use of a mode, role set or key each day is one entry. Refusals are written one by one up to 60 a minute per
/// requester, 60 per network and kind of proof for strangers, and 600 for all strangers; beyond that they are only counted. The count goes into the next entry, or into one of its
/// own after a minute or at the end. A client that hangs up does not prevent the entry.
/// </summary>
internal sealed class AuthenticationAudit(AuditLog audit, TimeProvider time) : BackgroundService
{
    private const int MostAMinute = 60;
    private const int MostOfStrangers = 10 * MostAMinute;

    /// <summary>Counts are kept separately for at most this many senders.</summary>
    private const int MostCounts = 1000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The actor of entries about somebody who is not known.</summary>
    public const string Nobody = "nobody";

    // A requester's name is one that an authentication mode knows, so that there are no more of them than people and programs.
    private readonly PartitionedRateLimiter<Refused> _refusals = PartitionedRateLimiter.Create<Refused, Refused>(who => RateLimitPartition.GetFixedWindowLimiter(who, _ => Within(MostAMinute)));
    private readonly FixedWindowRateLimiter _strangers = new(Within(MostOfStrangers));

    private readonly ConcurrentDictionary<Refused, int> _unwritten = new();
    private readonly SeenToday<(string Name, string Mode, Roles Roles, string? Key)> _seen = new(time);

    public async Task UsedAsync(HttpContext http, Requester requester, string mode)
    {
        var use = (requester.Name, mode, requester.Roles, Key: KeyOf(http));
        if (_seen.Holds(use))
            return;
        await audit.WriteAsync(AuditAction.Authenticated, requester.Name, new() { ["mode"] = mode, ["roles"] = RoleNames.Of(requester.Roles).ToArray(), ["key"] = use.Key }, CancellationToken.None);
        _seen.Keep(use);
    }

    /// <summary>Says from which address the request came, as the configured proxies say, and which API key it showed, by the part that is no secret.</summary>
    /// <param name="http">The request that was turned away.</param>
    /// <param name="requester">Null when nobody was authenticated.</param>
    /// <param name="endpoint">As <see cref="AccessTable"/> names it.</param>
    /// <param name="why">In words of the node's own.</param>
    public async Task RefusedAsync(HttpContext http, Requester? requester, string endpoint, string why)
    {
        var who = requester is null ? new Refused(null, NetworkOf(http), ShownBy(http)) : new Refused(requester.Name, "", "");
        using var lease = _refusals.AttemptAcquire(who);
        using var shared = lease.IsAcquired && requester is null ? _strangers.AttemptAcquire() : null;
        if (!lease.IsAcquired || shared is { IsAcquired: false })
        {
            if (_unwritten.Count >= MostCounts && !_unwritten.ContainsKey(who))
                who = new Refused(requester?.Name, "", "");
            _unwritten.AddOrUpdate(who, 1, (_, count) => count + 1);
            return;
        }

        _unwritten.TryRemove(who, out var more);
        await audit.WriteAsync(
            ActionOf(who),
            who.Requester ?? Nobody,
            new()
            {
                ["endpoint"] = endpoint,
                ["why"] = why,
                ["more_before"] = more > 0 ? more : null,
                ["address"] = AddressOf(http),
                ["key"] = KeyOf(http),
                ["claimed"] = http.Items[typeof(AuthenticationAudit)] as string,
            },
            CancellationToken.None);
    }

    /// <summary>Notes which registered client the request claims to be, for the entry about its refusal: somebody may have stolen that client's assertion.</summary>
    public static void Claim(HttpContext http, string? client) => http.Items[typeof(AuthenticationAudit)] = client;

    /// <summary>Once a minute, and when the node stops, writes how many refusals were counted that no entry has told of.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Minute, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var who in _unwritten.Keys)
            {
                if (_unwritten.TryRemove(who, out var count))
                    await TryWriteAsync(who, count);
            }
        }
    }

    public override void Dispose()
    {
        _refusals.Dispose();
        _strangers.Dispose();
        base.Dispose();
    }

    private async Task TryWriteAsync(Refused who, int count)
    {
        try
        {
            await audit.WriteAsync(
                ActionOf(who),
                who.Requester ?? Nobody,
                new() { ["why"] = "only counted, not written one by one: too many refusals in one minute", ["more_before"] = count, ["network"] = who.Network is { Length: > 0 } network ? network : null },
                CancellationToken.None);
        }
        catch (Exception)
        {
            // The database is away, mostly: counted again, for the next minute. It must not end the node.
            _unwritten.AddOrUpdate(who, count, (_, others) => others + count);
        }
    }

    private static AuditAction ActionOf(Refused who) => who.Requester is null ? AuditAction.AuthenticationRefused : AuditAction.AccessRefused;

    private static FixedWindowRateLimiterOptions Within(int most) => new() { PermitLimit = most, Window = Minute, AutoReplenishment = true, QueueLimit = 0 };

    private static string? KeyOf(HttpContext http) => Presented.BearerOf(http.Request) is { } bearer ? ApiKey.Read(bearer)?.Prefix : null;

    /// <summary>What a stranger shows, so that much of one kind hides nothing of another.</summary>
    private static string ShownBy(HttpContext http) => Presented.BearerOf(http.Request) is { } bearer ? ApiKey.Read(bearer) is null ? "token" : "key" : http.Request.HasFormContentType ? "form" : "";

    /// <summary>An address of IPv4, or the /64 of IPv6, which one stranger has whole.</summary>
    private static string NetworkOf(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
            return "";
        var client = ConnectionsPerAddress.ClientOf(address);
        return client.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(client) ? $"{client}/64" : $"{client}";
    }

    /// <summary>Whose refusals are counted together: a requester's, or those of strangers by network and by what they show.</summary>
    private sealed record Refused(string? Requester, string Network, string Shown);

    private static string? AddressOf(HttpContext http) => http.Connection.RemoteIpAddress is { } address ? $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}" : null;
}
