using Lazaret.Node.Http;

namespace Lazaret.Node.RateLimits;

/// <summary>How many requests a second one sender may send for long, and how many at once after a pause.</summary>
internal sealed record RateLimit(int PerSecond, int Burst)
{
    private const int OfRequester = 50;
    private const int OfAddress = 100;

    /// <param name="byDefault">Whether there is a limit where the operator sets none.</param>
    /// <returns>Null: no limit.</returns>
    public static RateLimit? PerRequester(HttpOptions options, bool byDefault) =>
        Of(options.RequestsPerSecond ?? (byDefault ? OfRequester : 0), options.RequestsPerSecondBurst);

    /// <inheritdoc cref="PerRequester"/>
    public static RateLimit? PerAddress(HttpOptions options, bool byDefault) =>
        Of(options.RequestsPerSecondPerAddress ?? (byDefault ? OfAddress : 0), options.RequestsPerSecondPerAddressBurst);

    private static RateLimit? Of(int perSecond, int? burst) => perSecond == 0 ? null : new RateLimit(perSecond, burst ?? (2 * perSecond));
}
