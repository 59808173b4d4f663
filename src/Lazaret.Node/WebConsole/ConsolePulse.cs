using Lazaret.Node.Audit;
using Lazaret.Node.RateLimits;
using Lazaret.Node.WebConsole.Data;

namespace Lazaret.Node.WebConsole;

/// <summary>
/// Tells the open pages that something happened. All that happens to a job on any process is an entry of the audit, so that its last number says whether there is
/// anything new, with what a reading of the data has done so far: one small query a second, for all pages together, and none while no page is open.
/// </summary>
internal sealed class ConsolePulse(AuditLog audit, DataWork work, StandingRequests standing, IHostApplicationLifetime node, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Proxies cut off what is silent for a minute.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    private readonly SemaphoreSlim _turn = new(1);
    private long _last = -1;
    private long _lookedAt;

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
            _last = await audit.LastAsync(cancellationToken) + work.Moves;
            _lookedAt = time.GetTimestamp();
            return _last;
        }
        finally
        {
            _turn.Release();
        }
    }
}
