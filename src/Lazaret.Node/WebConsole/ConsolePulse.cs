using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.RateLimits;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole.Data;

namespace Lazaret.Node.WebConsole;

/// <summary>
/// Tells the open pages that something happened, by a number that is then another one. All that happens to a job on any process is an entry of the audit; a requester's answer is shown
/// a tick after its entry, without a further one; and a reading of the data goes on without any. So the number is made of the last entry, whether a tick has passed since, and how far
/// such a reading is: every process comes to the same one while none reads data. One small query a second, for all pages together, and none while no page is open.
/// </summary>
internal sealed class ConsolePulse(AuditLog audit, DataWork work, StandingRequests standing, DisclosureOptions disclosure, IHostApplicationLifetime node, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Below it there is room for how far a reading is, of a hundred million volumes, and for the tick.
    private const int EntryShift = 28;

    // Proxies cut off what is silent for a minute.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    private readonly TimeSpan _tick = disclosure.Has(DisclosureControlName.Tick) ? TimeSpan.FromMilliseconds(disclosure.TickMilliseconds) : TimeSpan.Zero;
    private readonly SemaphoreSlim _turn = new(1);
    private long _last = -1;
    private long _lookedAt;

    /// <summary>The last number, not older than a second.</summary>
    public Task<long> NowAsync(CancellationToken cancellationToken) => LookAsync(cancellationToken);

    /// <summary>The last number: as soon as it is another than <paramref name="seen"/>, or after a while; at once where too many wait already.</summary>
    public async Task<long> NextAsync(long? seen, string reader, CancellationToken cancellationToken)
    {
        using var place = standing.TryEnter(reader);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, node.ApplicationStopping);
        var began = time.GetTimestamp();
        while (true)
        {
            var last = await LookAsync(stop.Token);
            if (last != seen || place is null || time.GetElapsedTime(began) > Longest)
                return last;
            await Task.Delay(Pause, time, stop.Token);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<long> LookAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last >= 0 && time.GetElapsedTime(_lookedAt) < Pause)
                return _last;
            var (sequence, at) = await audit.LastAsync(cancellationToken);
            _lookedAt = time.GetTimestamp();
            return _last = (sequence << EntryShift) | ((long)work.Progress << 1) | (time.GetUtcNow() - at >= _tick ? 1L : 0);
        }
        finally
        {
            _turn.Release();
        }
    }
}
