using System.Net;
using System.Threading.RateLimiting;
using Lazaret.Node.Http.Server;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>How often one address may try to sign in or to use a link: bursts of thirty, and thirty a minute. Failed attempts at one account are counted in the database.</summary>
internal sealed class AttemptLimit : IDisposable
{
    public const int Burst = 30;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(
        address, _ => new() { TokenLimit = Burst, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(2), AutoReplenishment = false, QueueLimit = 0 }));

    public bool Takes(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(ConnectionsPerAddress.ClientOf(address ?? IPAddress.None));
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
