using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Chooses among the entries that a bundle has for one requirement.</summary>
/// <param name="Item">The datum that meets the requirement; null when none does.</param>
/// <param name="Cause">Why none does.</param>
/// <param name="Found">The datum that gives the cause; null when there is none of the kind.</param>
/// <param name="Skipped">Those that are not used, the newest first, at most <see cref="MostSkipped"/>.</param>
internal sealed record Choice(ChosenItem? Item, MissCause Cause, Finding? Found, IReadOnlyList<Finding> Skipped)
{
    private const int MostSkipped = 16;

    /// <summary>
    /// The newest usable datum, unless a newer one of the same kind cannot be used: then none, or the older one where the requirement allows it.
    /// If several usable ones have the newest time but different values, none of them is chosen. If none is usable, the one that came
    /// nearest gives the cause.
    /// </summary>
    public static Choice Of(Requirement requirement, FhirBundle bundle, NegotiationTerms terms)
    {
        ChosenItem? newest = null;
        var contradicted = false;
        Finding? nearest = null;
        Finding? hiding = null;
        var denials = new List<Finding>();
        var skipped = new NewestFindings(MostSkipped);
        foreach (var candidate in Candidate.Of(requirement, bundle.Entries))
        {
            var (fault, item) = candidate.Check(requirement, terms);
            if (item is null)
            {
                var finding = candidate.Describe(fault, requirement, terms);
                skipped.Add(finding);
                if (nearest is null || fault > nearest.Cause)
                    nearest = finding;
                if (candidate.Denies(fault))
                    denials.Add(finding);
                if (candidate.IsAReading(fault) && (hiding is null || Nullable.Compare(finding.Time, hiding.Time) > 0))
                    hiding = finding;
                continue;
            }

            var age = newest is null ? 1 : Nullable.Compare(item.Effective, newest.Effective);
            if (age > 0)
                (newest, contradicted) = (item, false);
            else if (age == 0)
                contradicted |= item.Value != newest!.Value;
        }

        var isHidden = newest is not null && hiding is not null && Nullable.Compare(hiding.Time, newest.Effective) > 0;
        return newest switch
        {
            null when hiding?.Cause == MissCause.RecordedAbsent => new(null, hiding.Cause, hiding, skipped.List()),
            null => new(null, nearest?.Cause ?? MissCause.NoMatch, nearest, skipped.List()),
            _ when isHidden && !requirement.FallsBack => new(null, hiding!.Cause, hiding, skipped.List()),
            // Which of the two is the newer nobody can tell.
            _ when denials.Find(denial => denial.Time is null || newest.Effective is null || denial.Time == newest.Effective) is { } denial =>
                new(null, MissCause.Conflict, denial with { Cause = MissCause.Conflict, IsAnswer = false }, skipped.List()),
            _ when contradicted => new(null, MissCause.Conflict, new(newest.Source, newest.Original, newest.Effective, MissCause.Conflict), skipped.List()),
            _ => new(newest with { InsteadOf = isHidden ? hiding : null }, default, null, skipped.List()),
        };
    }
}

/// <summary>The newest of many findings, in bounded memory.</summary>
internal sealed class NewestFindings(int most)
{
    private readonly PriorityQueue<Finding, DateTimeOffset> _newest = new();

    public void Add(Finding finding)
    {
        _newest.Enqueue(finding, finding.Time ?? DateTimeOffset.MinValue);
        if (_newest.Count > most)
            _newest.Dequeue();
    }

    public IReadOnlyList<Finding> List() =>
        [.. _newest.UnorderedItems.Select(item => item.Element).OrderByDescending(finding => finding.Time ?? DateTimeOffset.MinValue).ThenBy(finding => finding.Source, StringComparer.Ordinal)];
}
