namespace Lazaret.Node.Http.Bodies;

/// <summary>
/// The memory that all request bodies in flight may take together. When it is short, bodies that have stalled make room: a client that
/// sends much, and then waits, cannot keep others out.
/// </summary>
internal sealed class BodyMemory(HttpOptions options, TimeProvider time)
{
    private const long Small = 1 << 20;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly Lock _sharing = new();
    private readonly HashSet<BodyShare> _arriving = [];
    private readonly long _reserve = options.BodyMemory / 8;
    private long _free = options.BodyMemory;

    /// <summary>A body that has not grown by a hundredth in this time has stalled.</summary>
    internal TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a body waits for memory.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A share for a body that is about to arrive.</summary>
    internal BodyShare Open()
    {
        var share = new BodyShare(this);
        lock (_sharing)
            _arriving.Add(share);
        share.GrewAt = time.GetTimestamp();
        return share;
    }

    /// <summary>Takes so many bytes for a body, and waits for them if needed; false when they were not free in time.</summary>
    internal async ValueTask<bool> TakeAsync(BodyShare share, long bytes, CancellationToken cancellationToken)
    {
        if (TryTake(share, bytes))
            return true;
        var began = time.GetTimestamp();
        do
        {
            EndStalled(share);
            await Task.Delay(Look, time, cancellationToken);
            if (TryTake(share, bytes))
                return true;
        }
        while (time.GetElapsedTime(began) < Patience);
        return false;
    }

    internal void Grow(BodyShare share, long bytes)
    {
        share.GrownSince += bytes;
        if (share.GrownSince < share.Held / 100)
            return;
        share.GrownSince = 0;
        share.GrewAt = time.GetTimestamp();
    }

    internal void Return(BodyShare share, long bytes)
    {
        lock (_sharing)
        {
            share.Held -= bytes;
            _free += bytes;
        }
    }

    /// <summary>The body is there: from now on it cannot stall.</summary>
    internal void Arrived(BodyShare share)
    {
        lock (_sharing)
            _arriving.Remove(share);
    }

    private bool TryTake(BodyShare share, long bytes)
    {
        lock (_sharing)
        {
            // The reserve is for small bodies alone, so that diagnoses are still accepted while maps fill the rest.
            if (bytes > _free - (share.Held + bytes > Small ? _reserve : 0))
                return false;
            _free -= bytes;
            share.Held += bytes;
        }

        // The time that it waited for memory does not count as a stall: it is not the client's fault.
        share.GrewAt = time.GetTimestamp();
        return true;
    }

    // Ends the body that has stalled longest. If that is not enough, the next look ends the next one.
    private void EndStalled(BodyShare asking)
    {
        lock (_sharing)
        {
            asking.GrewAt = time.GetTimestamp();
            if (_arriving.Where(share => share.Held > 0 && time.GetElapsedTime(share.GrewAt) >= StallTime).MinBy(share => share.GrewAt) is not { } stalled)
                return;
            _arriving.Remove(stalled);
            stalled.End();
        }
    }
}
