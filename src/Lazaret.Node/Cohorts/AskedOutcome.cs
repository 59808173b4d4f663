using Lazaret.Cohort.Queries;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Node.Cohorts;

/// <summary>What the controls need to know of the outcome that is asked for, by the whole data view and not by the cohort.</summary>
internal sealed class AskedOutcome
{
    private readonly OutcomeTraits[] _family;

    public AskedOutcome(AskedCohort asked, bool withFamily)
    {
        var view = asked.Data.View;
        Traits = OutcomeTraits.Of(view.Outcomes[asked.Query.Outcome]);
        // A partial correlation tells about an outcome among its covariates as much as about the outcome itself.
        string[] told = [asked.Query.Outcome, .. asked.Query.Covariates.Where(view.Outcomes.ContainsKey)];
        Family = withFamily ? [.. told.SelectMany(name => (IEnumerable<string>)asked.Data.Families.FamilyOf(name)).Distinct(StringComparer.Ordinal)] : [asked.Query.Outcome];
        _family = [.. Family.Where(view.Outcomes.ContainsKey).Select(name => OutcomeTraits.Of(view.Outcomes[name]))];
        var visit = asked.Query.Filters.OfType<Filter.OneOf>().FirstOrDefault(filter => filter.Name == "visit")?.Levels;
        Population = Enumerable.Range(0, view.Rows.Count)
            .Where(row => double.IsFinite(view.Outcomes[asked.Query.Outcome][row]) && (visit is null || visit.Contains(view.Rows[row].Visit)))
            .Select(asked.Subjects.Of).Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>The outcomes that share a ledger, this one among them.</summary>
    public IReadOnlyList<string> Family { get; }

    /// <summary>N: subjects with this outcome, at the visit that is asked about.</summary>
    public int Population { get; }

    public OutcomeTraits Traits { get; }

    public bool IsDiscrete(int n, DisclosurePolicy policy) => Traits.IsDiscrete(n, policy.Step);

    /// <summary>Whether any of the family is: the ledger that they share keeps to the strictest limits.</summary>
    public bool IsFamilyDiscrete(DisclosurePolicy policy) => Array.Exists(_family, traits => traits.IsDiscrete(traits.Known, policy.Step));
}
