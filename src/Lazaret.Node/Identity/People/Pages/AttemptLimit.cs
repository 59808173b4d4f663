using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>How often one address may try to sign in or to use a link: bursts of thirty, and thirty a minute. What one account bears is counted in the database.</summary>
internal sealed class AttemptLimit : IDisposable
{
    public const int Burst = 30;

    private const int Ipv6Network = 8;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(
        address, _ => new() { TokenLimit = Burst, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(2), AutoReplenishment = false, QueueLimit = 0 }));

    public bool Takes(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(NetworkOf(address ?? IPAddress.None));
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();

    // Of an IPv6 network of 64 bits its owner has every address.
    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6Network).Clear();
        return new IPAddress(bytes);
    }
}
