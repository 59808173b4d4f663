using Lazaret.Disclosure.Ledgers;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases;

/// <summary>
/// All releases and the ledgers that follow from them, in memory. <see cref="OpenAsync"/> first reads what is new in the database; whoever decides calls it in the
/// transaction of the decision. One caller at a time.
/// </summary>
internal sealed class ReleaseBook(RecordSeal seal) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, BookEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<BookEntry> _inOrder = [];
    private readonly Dictionary<string, int> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Family, string? Project), CountedLedger> _ledgers = [];

    /// <summary>Takes the caller's turn, and reads what is new. Disposing what is returned ends the turn.</summary>
    public async Task<IDisposable> OpenAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var turn = await GoOnAsync(cancellationToken);
        try
        {
            await CatchUpAsync(db, cancellationToken);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Takes the turn without reading what is new. For callers that look at many ledgers and let decisions go between.</summary>
    public async Task<IDisposable> GoOnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    public BookEntry? Find(string query) => _entries.GetValueOrDefault(query);

    /// <summary>In the order of their release.</summary>
    public IEnumerable<BookEntry> All => _inOrder;

    /// <summary>Those that count in ledgers, in the order of their release: released and held ones.</summary>
    public IEnumerable<BookEntry> Charged => _inOrder.Where(entry => entry.IsCharged);

    public int Subjects => _subjects.Count;

    /// <summary>The index of a subject; null for one who was never seen.</summary>
    public int? IndexOf(string tag) => _subjects.TryGetValue(tag, out var index) ? index : null;

    /// <summary>
    /// The ρ already spent that counts against new answers: the larger of (a) all answers about any subject of these cohorts, for every state of the data, and (b)
    /// all answers given to the project.
    /// </summary>
    public decimal RhoSpent(IReadOnlyCollection<SubjectSet> cohorts, string project) => Math.Max(
        Charged.Where(entry => cohorts.Any(cohort => cohort.CountIn(entry.Charge.Cohort) > 0)).Sum(entry => entry.Rho),
        Charged.Where(entry => entry.Projects.Contains(project)).Sum(entry => entry.Rho));

    /// <summary>What the releases about these outcomes tell together.</summary>
    /// <param name="family">The outcomes, sorted; none for what all releases tell of who is in which cohort.</param>
    /// <param name="project">Only what this project was given; null for all.</param>
    /// <param name="subjects">How many subjects there are, with those whom the caller is about to add.</param>
    public CountedLedger LedgerOf(IReadOnlyList<string> family, string? project, int subjects)
    {
        var key = (string.Join('\n', family), project);
        if (!_ledgers.TryGetValue(key, out var ledger))
        {
            // Families only merge: what was counted for a part of this one is of no use any more.
            foreach (var part in _ledgers.Keys.Where(other => other.Project == project && other.Family.Split('\n').Intersect(family, StringComparer.Ordinal).Any()).ToList())
                _ledgers.Remove(part);
            _ledgers[key] = ledger = new CountedLedger(isOfMembership: family.Count == 0);
        }

        ledger.Count(Charged.Where(entry => (family.Count == 0 || entry.IsAbout(family)) && (project is null || entry.Projects.Contains(project))), subjects);
        return ledger;
    }

    public void Dispose() => _turn.Dispose();

    private async Task CatchUpAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var states = await db.Releases.AsNoTracking().OrderBy(release => release.Sequence).Select(release => new { release.Query, release.Sequence, release.State }).ToListAsync(cancellationToken);
        var there = states.ToDictionary(release => release.Query, release => release.Sequence, StringComparer.Ordinal);
        foreach (var withdrawn in _inOrder.Where(entry => there.GetValueOrDefault(entry.Query, -1) != entry.Sequence).ToList())
        {
            _entries.Remove(withdrawn.Query);
            _inOrder.Remove(withdrawn);
            // What was charged, and is not any more, cannot be taken out of a ledger: it is counted anew.
            _ledgers.Clear();
        }

        foreach (var release in states)
        {
            if (_entries.TryGetValue(release.Query, out var known) && known.State != release.State)
            {
                if (known.IsCharged && release.State == ReleaseState.Rejected)
                    _ledgers.Clear();
                known.State = release.State;
            }
        }

        if (states.Count > _inOrder.Count)
        {
            var last = _inOrder.Count == 0 ? 0 : _inOrder[^1].Sequence;
            await foreach (var release in db.Releases.AsNoTracking().Where(release => release.Sequence > last).OrderBy(release => release.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                var entry = BookEntry.Of(release, release.Open(seal));
                _entries.Add(entry.Query, entry);
                _inOrder.Add(entry);
            }
        }

        // After the releases, which name them: whoever only looks does so outside of the transactions that decide.
        var subjects = _subjects.Count;
        foreach (var subject in await db.LedgerSubjects.AsNoTracking().Where(subject => subject.Index >= subjects).ToListAsync(cancellationToken))
            _subjects[subject.Tag] = subject.Index;
        foreach (var grant in await db.ReleaseGrants.AsNoTracking().ToListAsync(cancellationToken))
            _entries.GetValueOrDefault(grant.Query)?.Projects.Add(grant.Project);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
