using System.Globalization;

namespace Lazaret.Fhir;

/// <summary>
/// What the reading of one request may take. Whatever looks at the bytes counts its steps here; every few thousand steps the
/// clocks are read, and the caller is asked whether anybody still waits.
/// </summary>
/// <param name="limit">The most time; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
/// <param name="time">The clock, which runs from now on.</param>
/// <param name="processor">
/// The processor time of the thread that calls it. With it, that time is what is limited, so that a bundle is not refused for the load that others
/// make; by the clock the reading may take <see cref="Ceiling"/> times as long. Without it, the clock's time is limited.
/// </param>
public sealed class FhirBudget(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken, Func<TimeSpan>? processor = null)
{
    /// <summary>How many times as long as its processor time a reading may take by the clock.</summary>
    public const int Ceiling = 10;

    /// <summary>A step is some tens of nanoseconds.</summary>
    internal const int Interval = 8192;

    private readonly long _start = time.GetTimestamp();
    private int _left = Interval;
    private long _looks;
    private TimeSpan _spent;
    private TimeSpan _seen;

    /// <summary>Whether the reading was given up by the clock, although its processor time was not over: at another time it may succeed.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>No time limit; only cancellation stops it.</summary>
    public static FhirBudget Unlimited(CancellationToken cancellationToken = default) =>
        new(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>What was spent so far. The same bytes take the same steps.</summary>
    internal long Steps => (_looks * Interval) + (Interval - _left);

    /// <summary>Called where a thread begins to read: what it did before does not count.</summary>
    internal void Begin() => _seen = processor?.Invoke() ?? default;

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
    internal FhirIssue OutOfTime() => IsOverdue
        ? new(IssueSeverity.Fatal, "timeout", "", "there was too little processor time to read it: it was not judged to its end")
        : new(
            IssueSeverity.Fatal,
            "too-costly",
            "",
            string.Create(CultureInfo.InvariantCulture, $"reading it took more than {limit.TotalSeconds} s, the most that is allowed: it was not judged to its end"));

    private void Look()
    {
        while (_left <= 0)
        {
            _left += Interval;
            _looks++;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (limit == Timeout.InfiniteTimeSpan)
            return;
        var elapsed = time.GetElapsedTime(_start);
        var isOver = CountProcessor(elapsed) > limit;
        IsOverdue = !isOver && processor is not null && elapsed > limit * Ceiling;
        if (isOver || IsOverdue)
            throw new OutOfTimeException();
    }

    private TimeSpan CountProcessor(TimeSpan elapsed)
    {
        if (processor is null)
            return elapsed;
        var now = processor();
        _spent += now - _seen;
        _seen = now;
        return _spent;
    }
}
