using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>The audit on a page. Before somebody sees it, an entry is written that they read it.</summary>
internal sealed class AuditBoard(IDbContextFactory<LazaretDb> databases, AuditLog audit, AuditOptions options, TimeProvider time)
{
    public const int Page = 50;

    /// <summary>The format in which the entry of a verification says that the audit was read.</summary>
    public const string Verification = "verify";

    // Entries of several processes, and of one process's threads, are not quite in the order of their times.
    private static readonly TimeSpan Disorder = TimeSpan.FromHours(1);

    // A signature is made within a second of its due time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // A process that has just started looks back so many entries: it does not find an older verification.
    private const long MostLookedAt = 100_000;

    // PostgreSQL commits in another order than it gives out sequences, so the last entries are looked at again.
    private const long LookedAtTwice = 1000;

    private volatile LastVerification _verified = new(0, null);

    /// <param name="filter">Which entries.</param>
    /// <param name="reader">Who reads them. A steward's colleagues' words about a held result are left out until theirs is said.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries, the newest first, with null for one that cannot be read; and whether there are older ones.</returns>
    public async Task<(IReadOnlyList<(long Sequence, AuditEntry? Entry)> Entries, bool AreMore)> ListAsync(AuditFilter filter, Requester reader, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(AuditAction.AuditRead, reader.Name, filter.Selection.Describe("page"), cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var entries = filter.Selection.Of(db.Audit.AsNoTracking());
        // Otherwise the page would fill up with entries about its own readings.
        if (!filter.ShowsReadings)
            entries = entries.Where(entry => entry.Action != AuditAction.AuditRead);
        // A steward decides without a colleague's word. Once theirs is said, or the review is over, all are shown.
        if (reader.Roles.HasFlag(Roles.Steward))
        {
            var (reviews, votes, own) = (db.Reviews, db.ReviewVotes, reader.Name);
            entries = entries.Where(entry => entry.Action != AuditAction.ResultReviewed
                || !reviews.Any(review => review.JobId == entry.JobId && review.DecidedAt == null && !votes.Any(vote => vote.JobId == review.JobId && vote.Steward == own)));
        }

        if (filter.Before is { } before)
            entries = entries.Where(entry => entry.Sequence < before);
        // The table can only be read in the order of its sequences. Days are turned into bounds of sequences, so that a filter that few entries match does not read the whole table.
        if (filter.Selection.Since is { } since && since > DateTimeOffset.MinValue + Disorder)
        {
            var first = await FirstSinceAsync(db, since - Disorder, cancellationToken);
            entries = entries.Where(entry => entry.Sequence >= first);
        }

        if (filter.Selection.Until is { } until)
        {
            var end = await FirstSinceAsync(db, until + Disorder, cancellationToken);
            entries = entries.Where(entry => entry.Sequence < end);
        }

        var page = await AuditReading.ReadAsync(entries.OrderByDescending(entry => entry.Sequence).Take(Page + 1), cancellationToken);
        return ([.. page.Take(Page)], page.Count > Page);
    }

    /// <summary>The chain's last signature, what came after it, and whether the chain held when a page last verified it.</summary>
    public async Task<ChainStand> FindChainAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var signed = await db.AuditCheckpoints.AsNoTracking().OrderByDescending(checkpoint => checkpoint.Number).FirstOrDefaultAsync(cancellationToken);
        var to = signed?.Number ?? 0;
        var last = await db.AuditChain.OrderByDescending(link => link.Number).Select(link => link.Number).FirstOrDefaultAsync(cancellationToken);
        DateTimeOffset? since = null;
        if (last > to)
        {
            var first = await db.AuditChain.Where(link => link.Number > to).OrderBy(link => link.Number).Select(link => link.Sequence).FirstAsync(cancellationToken);
            since = await db.Audit.Where(entry => entry.Sequence == first).Select(entry => (DateTimeOffset?)entry.At).FirstOrDefaultAsync(cancellationToken);
        }

        return new ChainStand(signed, Math.Max(0, last - to))
        {
            UnsignedSince = since,
            IsOverdue = time.GetUtcNow() - since > TimeSpan.FromSeconds(options.CheckpointSeconds) + Patience,
            Verified = await FindVerificationAsync(db, cancellationToken),
        };
    }

    /// <summary>The last verification, as the audit itself has it: so every process knows about it. Each call reads only what is new since the one before.</summary>
    private async Task<(DateTimeOffset At, bool Holds)?> FindVerificationAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var known = _verified;
        var last = await LastAsync(db, cancellationToken);
        var from = Math.Max(known.LookedTo - LookedAtTwice, last - MostLookedAt);
        var found = await db.Audit.AsNoTracking()
            .Where(entry => entry.Sequence > from && entry.Sequence <= last && entry.Action == AuditAction.AuditRead && entry.Detail.Contains($"\"format\":\"{Verification}\""))
            .OrderByDescending(entry => entry.Sequence).FirstOrDefaultAsync(cancellationToken);
        _verified = known = new LastVerification(last, found is null ? known.Found : (found.At, found.Detail.Contains("\"ok\":true", StringComparison.Ordinal)));
        return known.Found;
    }

    /// <summary>
    /// The first sequence whose entry was written at that instant or later; if there is none, the one after the last. A binary search: entries are in the order of
    /// their times, or nearly so.
    /// </summary>
    private static async Task<long> FirstSinceAsync(LazaretDb db, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var (from, to) = (1L, await LastAsync(db, cancellationToken) + 1);
        while (from < to)
        {
            var middle = from + (to - from) / 2;
            // If a sequence is missing, the next one is taken.
            var at = await db.Audit.Where(entry => entry.Sequence >= middle).OrderBy(entry => entry.Sequence).Select(entry => new { entry.Sequence, entry.At }).FirstAsync(cancellationToken);
            if (at.At < instant)
                from = at.Sequence + 1;
            else
                to = middle;
        }

        return from;
    }

    private static Task<long> LastAsync(LazaretDb db, CancellationToken cancellationToken) =>
        db.Audit.OrderByDescending(entry => entry.Sequence).Select(entry => entry.Sequence).FirstOrDefaultAsync(cancellationToken);

    /// <param name="LookedTo">The last entry that was searched.</param>
    /// <param name="Found">The last verification found; null for none.</param>
    private sealed record LastVerification(long LookedTo, (DateTimeOffset At, bool Holds)? Found);
}
