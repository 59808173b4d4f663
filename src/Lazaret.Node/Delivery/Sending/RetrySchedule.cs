using System.Security.Cryptography;

namespace Lazaret.Node.Delivery.Sending;

/// <summary>When a delivery that failed is tried again: the schedule that Standard Webhooks recommends, three days and a bit in all.</summary>
internal static class RetrySchedule
{
    /// <summary>However long a receiver asks for, it is asked again within a day.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    private const double Jitter = 0.2;

    /// <summary>The pauses after the first attempt, the second and so on, before jitter.</summary>
    public static readonly IReadOnlyList<TimeSpan> Pauses =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>The pause before the next attempt; null when there is none left.</summary>
    /// <param name="retries">How many attempts followed the first one.</param>
    /// <param name="retryAfter">What the receiver asked for.</param>
    public static TimeSpan? Next(int retries, TimeSpan? retryAfter)
    {
        if (retries >= Pauses.Count)
            return null;

        // A fifth up or down, so that what failed together does not come back together.
        var pause = Pauses[retries] * (1 - Jitter + 2 * Jitter * RandomNumberGenerator.GetInt32(1001) / 1000.0);
        var asked = retryAfter ?? TimeSpan.Zero;
        return pause > asked ? pause : asked < LongestWait ? asked : LongestWait;
    }
}
