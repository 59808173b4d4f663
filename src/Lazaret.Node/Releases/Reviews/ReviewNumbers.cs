using Lazaret.Disclosure;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>
/// What a held result would do to the ledgers now. One beyond a limit is not charged while it waits: whatever is released meanwhile makes it tell more than the
/// review says.
/// </summary>
internal sealed class ReviewNumbers(ReleaseBook book, DisclosureOptions options)
{
    /// <summary>The review's ledgers as they would be now, where one is further beyond its limit than the review says; null where none is.</summary>
    public async Task<IReadOnlyList<TriedLedger>?> FindWorseAsync(LazaretDb db, Review review, Job job, CancellationToken cancellationToken)
    {
        var said = review.ReadLedgers();
        if (said.Count == 0)
            return null;
        using var turn = await book.OpenAsync(db, cancellationToken);
        var charges = review.Queries.Distinct(StringComparer.Ordinal).Select(book.Find).OfType<BookEntry>()
            .Where(entry => entry.State == ReleaseState.BeyondLimit).Select(entry => (entry.Query, entry.Charge)).ToList();
        if (charges.Count == 0)
            return null;
        // Families may have merged since.
        var kinships = options.Has(DisclosureControlName.Families) ? await db.OutcomeKinships.AsNoTracking().ToListAsync(cancellationToken) : [];
        var families = OutcomeFamilies.Joined([.. kinships.Select(kinship => new[] { kinship.First, kinship.Second }), .. said.Select(ledger => ledger.Outcomes)]);
        TriedLedger[] now = [.. said.Select(ledger => TriedLedger.Try(book, job.Project, charges, book.Subjects, ledger.Outcomes is [var first, ..] ? [.. families.FamilyOf(first)] : TriedLedger.OfMembership, ledger.IsOfSite, ledger.Limits))];
        return now.Zip(said).Any(pair => pair.First.IsWorseThan(pair.Second)) ? now : null;
    }
}
