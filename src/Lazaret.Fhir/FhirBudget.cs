using System.Globalization;

namespace Lazaret.Fhir;

/// <summary>
/// What the reading of one request may take. Whatever looks at the bytes counts its steps here; every few thousand steps the
/// clock is read, and the caller is asked whether anybody still waits.
/// </summary>
/// <param name="limit">The longest time; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
/// <param name="time">The clock, which runs from now on.</param>
public sealed class FhirBudget(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
{
    /// <summary>A step is some tens of nanoseconds.</summary>
    internal const int Interval = 8192;

    private readonly long _start = time.GetTimestamp();
    private int _left = Interval;
    private long _looks;

    /// <summary>No time limit; only cancellation stops it.</summary>
    public static FhirBudget Unlimited(CancellationToken cancellationToken = default) =>
        new(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>What was spent so far. The same bytes take the same steps.</summary>
    internal long Steps => (_looks * Interval) + (Interval - _left);

    /// <exception cref="OutOfTimeException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller waits no longer.</exception>
    internal void Spend(int steps = 1)
    {
        if ((_left -= steps) <= 0)
            Look();
    }

    /// <summary>The work on so many bytes that are passed over at once.</summary>
    internal void SpendBytes(int length) => Spend(1 + (length >> 6));

    /// <summary>The answer when the time is over.</summary>
    internal FhirIssue OutOfTime() => new(
        IssueSeverity.Fatal,
        "too-costly",
        "",
        string.Create(CultureInfo.InvariantCulture, $"reading it took longer than {limit.TotalSeconds} s, the most that is allowed: it was not judged to its end"));

    private void Look()
    {
        while (_left <= 0)
        {
            _left += Interval;
            _looks++;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (limit != Timeout.InfiniteTimeSpan && time.GetElapsedTime(_start) > limit)
            throw new OutOfTimeException();
    }
}
