using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Health.Gauges;

/// <summary>
/// How far the audit and its chain have come. What was linked since the last look is compared with its entries, so that damage shows within seconds;
/// <c>lazaret audit verify</c> looks at all of it.
/// </summary>
internal sealed partial class AuditGauges(
    IDbContextFactory<LazaretDb> databases, IKeyVoucher voucher, OlderDatabase older, GaugeBoard board, TimeProvider time, ILogger<AuditGauges> logger)
{
    private IReadOnlyList<string>? _keys;
    private bool _isCompared;
    private long? _next;
    private int _faults;
    private long? _unreadable;

    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var sequence = await db.Audit.MaxAsync(entry => (long?)entry.Sequence, cancellationToken) ?? 0;
        var link = await db.AuditChain.AsNoTracking().OrderByDescending(last => last.Number).FirstOrDefaultAsync(cancellationToken);
        var signed = await db.AuditCheckpoints.AsNoTracking().OrderByDescending(checkpoint => checkpoint.Number)
            .Select(checkpoint => new { checkpoint.Number, checkpoint.Milliseconds }).FirstOrDefaultAsync(cancellationToken);
        var unsigned = (link?.Number ?? 0) - (signed?.Number ?? 0);
        board.Set(GaugeNames.AuditSequence, sequence);
        board.Set(GaugeNames.AuditUnlinked, link is null ? sequence : Math.Max(0, sequence - Math.Abs(link.Sequence)));
        board.Set(GaugeNames.AuditUnsigned, unsigned);
        board.Set(GaugeNames.CheckpointAge, unsigned > 0 && signed is not null ? (time.GetUtcNow().ToUnixTimeMilliseconds() - signed.Milliseconds) / 1000.0 : 0);
        if (!_isCompared)
            await CompareAsync(db, cancellationToken);
        if (link is not null)
            await WalkAsync(db, Math.Max(1, signed?.Number ?? 1), cancellationToken);
        board.Set(GaugeNames.ChainFaults, _faults);
    }

    private async Task CompareAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var fault = await older.FaultAsync(db, cancellationToken);
        _isCompared = true;
        if (fault is null)
            return;
        _faults++;
        LogBroken(fault);
    }

    private async Task WalkAsync(LazaretDb db, long signed, CancellationToken cancellationToken)
    {
        var from = _next ?? signed;
        var faults = new List<ChainFault>();
        for (var isAgain = false; ; isAgain = true)
        {
            faults.Clear();
            var known = _keys ??= await ChainStart.ReadKeysAsync(db, voucher, cancellationToken);
            var walk = new ChainWalk(known, own: null, ownIsAdded: false, kept: [], faults.Add);
            try
            {
                await using var beside = await databases.CreateDbContextAsync(cancellationToken);
                var checkpoints = beside.AuditCheckpoints.AsNoTracking().Where(checkpoint => checkpoint.Number >= from).OrderBy(checkpoint => checkpoint.Number);
                await walk.RunAsync(db, from, checkpoints.AsAsyncEnumerable(), cancellationToken);
            }
            catch (OperationCanceledException) when (walk.Last > from)
            {
                // There is more than can be walked in one go: the next goes on with the last link.
                _next = walk.Last;
                break;
            }
            catch (Exception e) when (IsUnreadable(e))
            {
                // Somebody wrote values there that the node never writes. It is one fault, however often it is met.
                var at = Math.Max(from, walk.Last + 1);
                if (_unreadable != at)
                    faults.Add(new ChainFault(ChainFault.Changed, $"link {at}, its entry or a checkpoint beside it cannot be read ({e.GetType().Name})") { Link = at });
                _unreadable = at;
                _next = at;
                break;
            }

            // Another host may have added its key since.
            if (!isAgain && faults.Exists(fault => fault.Kind == ChainFault.Key))
            {
                _keys = null;
                continue;
            }

            // A checkpoint that was signed between the two queries is looked at the next time.
            _next = Math.Max(from, walk.Last + 1);
            break;
        }

        if (faults.Count == 0)
            return;
        _faults += faults.Count;
        LogBroken(faults[0].Why);
    }

    // EF Core wraps what the driver says of a value.
    private static bool IsUnreadable(Exception e) =>
        e is InvalidCastException or FormatException or OverflowException or ArgumentException || (e is InvalidOperationException { InnerException: { } cause } && IsUnreadable(cause));

    [LoggerMessage(LogLevel.Critical, "The audit's chain is broken: {Why}. 'lazaret audit verify' says more")]
    private partial void LogBroken(string why);
}
