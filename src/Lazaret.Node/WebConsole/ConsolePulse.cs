using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Identity;
using Lazaret.Node.RateLimits;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Jobs;

namespace Lazaret.Node.WebConsole;

/// <summary>
/// Open pages poll a mark and are fetched again when it changes. Readers who see all jobs get a mark made of three values: the sequence of the last audit entry, the
/// last time an answer became visible, and the progress of this process's data reading. Requesters get an opaque mark made of the last entry before the last tick
/// and the time at which their own last answer became visible, so that they learn neither run times nor how much others do. All processes compute the same marks
/// while none reads data. Cost: one small query a second for all pages; one more while an answer may be due; two for each requester with an open page; none while no
/// page is open.
/// </summary>
internal sealed class ConsolePulse(AuditLog audit, JobBoard jobs, DataWork work, StandingRequests standing, DisclosureOptions disclosure, IHostApplicationLifetime node, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Proxies close connections that are silent for a minute.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    private readonly TimeSpan _tick = disclosure.Has(DisclosureControlName.Tick) ? TimeSpan.FromMilliseconds(disclosure.TickMilliseconds) : TimeSpan.Zero;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, string> _requesters = new(StringComparer.Ordinal);
    private string? _mark;
    private (long Entry, DateTimeOffset? Shown)? _settled;
    private long _lookedAt;

    /// <summary>The last mark, not older than a second.</summary>
    public Task<string> NowAsync(Requester reader, CancellationToken cancellationToken) => LookAsync(reader, cancellationToken);

    /// <summary>The last mark. It returns as soon as the mark differs from <paramref name="seen"/>, or after a while; at once if too many requests wait already.</summary>
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
                var (last, now) = (await audit.LastAsync(cancellationToken), time.GetUtcNow());
                var shown = await LastShownAsync(last.Sequence, last.At, now, cancellationToken);
                _requesters.Clear();
                (_lookedAt, _mark) = (time.GetTimestamp(), string.Create(CultureInfo.InvariantCulture, $"{last.Sequence}.{shown?.UtcTicks ?? 0}.{work.Progress}"));
            }

            if (JobBoard.Sees(reader) is not { } own)
                return _mark;
            return _requesters.TryGetValue(own, out var known) ? known : _requesters[own] = await MarkOfTickAsync(own, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// The time at which the last answer became visible, among the answers of the last entries. When all of them are visible, the value stays until a new entry is
    /// written.
    /// </summary>
    private async Task<DateTimeOffset?> LastShownAsync(long entry, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_tick == TimeSpan.Zero || entry == 0)
            return null;
        if (_settled is { } settled && settled.Entry == entry)
            return settled.Shown;
        // The longest time of a decision, the tick after it, and another tick if a steward decides.
        var longest = CohortGate.MostTime + 2 * _tick;
        var shown = await jobs.LastShownAsync(entry, at - longest, now, cancellationToken);
        _settled = now > at + longest ? (entry, shown) : null;
        return shown;
    }

    /// <summary>
    /// A digest of the last entry before the last tick, of its proof, and of when the requester's last answer became visible. Without the node's key nobody can
    /// compute the proof, and so find the entry's number from the mark.
    /// </summary>
    private async Task<string> MarkOfTickAsync(string requester, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var tick = _tick == TimeSpan.Zero ? now : now.AddTicks(-(now.UtcTicks % _tick.Ticks));
        var last = await audit.LastBeforeAsync(tick, cancellationToken);
        var shown = await jobs.LastShownAsync(requester, now, cancellationToken);
        return last is null ? "0" : Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{last.Sequence}:{shown?.UtcTicks}:"), .. last.Proof ?? []]))[..16];
    }
}
