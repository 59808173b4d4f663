using Lazaret.Disclosure;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>What the controls need to know of the outcomes of which a question tells, by the whole data view and not by the cohort.</summary>
internal sealed class AskedOutcome
{
    private readonly IReadOnlyDictionary<string, double[]> _outcomes;
    private readonly Dictionary<string, OutcomeTraits> _traits = new(StringComparer.Ordinal);

    public AskedOutcome(AskedCohort asked, bool withFamily)
    {
        var view = asked.Data.View;
        _outcomes = view.Outcomes;
        Covariates = [.. asked.Query.Covariates.Where(view.Outcomes.ContainsKey)];
        Told =
        [
            .. Covariates.Prepend(asked.Query.Outcome)
                .Select(name => new ToldOutcome(name, withFamily ? [.. asked.Data.Families.FamilyOf(name)] : [name], TraitsOf(name).Entropy)),
        ];
        Traits = TraitsOf(asked.Query.Outcome);
        var visits = asked.Query.Visits;
        Population = Enumerable.Range(0, view.Rows.Count)
            .Where(row => double.IsFinite(view.Outcomes[asked.Query.Outcome][row]) && visits?.Contains(view.Rows[row].Visit) != false)
            .Select(asked.Subjects.Of).Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>The outcome, then those among the covariates: what a partial correlation takes out of both sides is told as much.</summary>
    public IReadOnlyList<ToldOutcome> Told { get; }

    /// <summary>Outcomes among the covariates.</summary>
    public IReadOnlyList<string> Covariates { get; }

    /// <summary>N: subjects with this outcome, at the visit that is asked about.</summary>
    public int Population { get; }

    public OutcomeTraits Traits { get; }

    /// <summary>Over the site, of any outcome that the data have.</summary>
    public OutcomeTraits TraitsOf(string outcome)
    {
        if (!_traits.TryGetValue(outcome, out var traits))
            _traits[outcome] = traits = OutcomeTraits.Of(_outcomes[outcome]);
        return traits;
    }

    /// <summary>Whether an outcome is discrete where cohorts have <paramref name="n"/> subjects or more; false for one that the data do not have.</summary>
    public bool IsDiscrete(string outcome, int n, DisclosurePolicy policy) =>
        _outcomes.ContainsKey(outcome) && TraitsOf(outcome) is var traits && traits.IsDiscrete(Math.Min(n, traits.Known), policy.Step);
}
