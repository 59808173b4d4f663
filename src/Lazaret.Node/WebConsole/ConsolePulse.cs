using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.RateLimits;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Jobs;

namespace Lazaret.Node.WebConsole;

/// <summary>
/// Open pages poll a mark, and are fetched again when it changes. For readers who see everybody's jobs it is made of three things: the sequence of the last audit entry, which every event
/// of a job writes; whether one tick has passed since that entry, for answers are shown then; and the progress of a data reading in this process. Requesters get an opaque mark that changes
/// on ticks alone: how long their run took, and how much others do, is not theirs to know. All processes come to the same marks while none reads data. It takes one small query a second for
/// all pages together, two where requesters have some open, and none while no page is open.
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
    private string? _mark;
    private string? _requestersMark;
    private long _lookedAt;

    /// <summary>The last mark, not older than a second.</summary>
    public Task<string> NowAsync(Requester reader, CancellationToken cancellationToken) => LookAsync(reader, cancellationToken);

    /// <summary>The last mark: as soon as it is another than <paramref name="seen"/>, or after a while; at once where too many wait already.</summary>
    public async Task<string> NextAsync(string? seen, Requester reader, CancellationToken cancellationToken)
    {
        using var place = standing.TryEnter(reader.Name);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, node.ApplicationStopping);
        var began = time.GetTimestamp();
        while (true)
        {
            var last = await LookAsync(reader, stop.Token);
            if (last != seen || place is null || time.GetElapsedTime(began) > Longest)
                return last;
            await Task.Delay(Pause, time, stop.Token);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<string> LookAsync(Requester reader, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_mark is null || time.GetElapsedTime(_lookedAt) >= Pause)
            {
                var (sequence, at) = await audit.LastAsync(cancellationToken);
                (_lookedAt, _requestersMark) = (time.GetTimestamp(), null);
                _mark = ((sequence << EntryShift) | ((long)work.Progress << 1) | (time.GetUtcNow() - at >= _tick ? 1L : 0)).ToString(CultureInfo.InvariantCulture);
            }

            return JobBoard.Sees(reader) is null ? _mark : _requestersMark ??= await MarkOfTickAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>By the last entry before the last tick, with its proof, which nobody can compute who has not the node's key: from the mark alone no entry's number is found.</summary>
    private async Task<string> MarkOfTickAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var last = await audit.LastBeforeAsync(_tick == TimeSpan.Zero ? now : now.AddTicks(-(now.UtcTicks % _tick.Ticks)), cancellationToken);
        return last is null ? "0" : Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{last.Sequence}:"), .. last.Proof ?? []]))[..16];
    }
}
