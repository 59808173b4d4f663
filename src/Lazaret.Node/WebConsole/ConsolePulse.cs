using Lazaret.Node.Audit;
using Lazaret.Node.RateLimits;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole.Data;

namespace Lazaret.Node.WebConsole;

/// <summary>
/// Tells the open pages that something happened. All that happens to a job on any process is an entry of the audit, so that its last number says whether there is
/// anything new, with what a reading of the data has done so far: one small query a second, for all pages together, and none while no page is open.
/// A requester's answer is shown a tick after its entry, without a further one: so the number grows once more a tick after the last change.
/// </summary>
internal sealed class ConsolePulse(AuditLog audit, DataWork work, StandingRequests standing, DisclosureOptions disclosure, IHostApplicationLifetime node, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Proxies cut off what is silent for a minute.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    private readonly TimeSpan _tick = disclosure.Has("Tick") ? TimeSpan.FromMilliseconds(disclosure.TickMilliseconds) : TimeSpan.Zero;
    private readonly SemaphoreSlim _turn = new(1);
    private long _last = -1;
    private long _lookedAt;
    private long _found = -1;
    private long _foundAt;
    private bool _isEchoDue;
    private long _echoes;

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
            var found = await audit.LastAsync(cancellationToken) + work.Moves;
            _lookedAt = time.GetTimestamp();
            if (found != _found)
            {
                (_found, _foundAt, _isEchoDue) = (found, _lookedAt, _tick > TimeSpan.Zero);
            }
            else if (_isEchoDue && time.GetElapsedTime(_foundAt, _lookedAt) >= _tick)
            {
                _echoes++;
                _isEchoDue = false;
            }

            return _last = found + _echoes;
        }
        finally
        {
            _turn.Release();
        }
    }
}
