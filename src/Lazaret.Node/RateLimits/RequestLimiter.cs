using System.Threading.RateLimiting;

namespace Lazaret.Node.RateLimits;

/// <summary>
/// The limiter behind the framework's middleware. This process's own buckets are asked first: what is too much for one process is too much for all,
/// and costs no way to Redis.
/// </summary>
/// <param name="senderOf">Who sent a request; null when it is not counted.</param>
/// <param name="shared">Null where each process counts alone.</param>
internal sealed class RequestLimiter(Func<HttpContext, string?> senderOf, RateLimit limit, TimeProvider time, RedisBuckets? shared) : PartitionedRateLimiter<HttpContext>
{
    private readonly TokenBuckets _own = new(limit, time);

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    // Redis is never waited for while a thread is held. The middleware asks again by AcquireAsync.
    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) =>
        senderOf(resource) is not { } sender ? Lease.Taken
        : shared is null ? Lease.Of(_own.Take(sender))
        : Lease.Refused;

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext context, int permitCount, CancellationToken cancellationToken)
    {
        if (senderOf(context) is not { } sender)
            return Lease.Taken;
        var wait = _own.Take(sender);
        return Lease.Of(wait > TimeSpan.Zero || shared is null ? wait : await shared.TakeAsync(sender, limit) ?? wait);
    }

    private sealed class Lease(TimeSpan wait) : RateLimitLease
    {
        public static readonly Lease Taken = new(TimeSpan.Zero);
        public static readonly Lease Refused = new(TimeSpan.FromSeconds(1));

        public override bool IsAcquired => wait <= TimeSpan.Zero;

        public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

        public static Lease Of(TimeSpan wait) => wait <= TimeSpan.Zero ? Taken : new Lease(wait);

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = IsAcquired || metadataName != MetadataName.RetryAfter.Name ? null : wait;
            return metadata is not null;
        }
    }
}
