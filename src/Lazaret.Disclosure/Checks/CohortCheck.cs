using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure.Checks;

/// <summary>Controls C1 and C2, which depend on the cohort alone. Null means that it may be answered.</summary>
public static class CohortCheck
{
    /// <summary>C1 and C2 together: the first rule that refuses.</summary>
    /// <param name="cohort">The subjects behind the answer, after all rows that do not count were dropped.</param>
    /// <param name="rows">How many rows these subjects have: more than subjects when somebody is in twice.</param>
    /// <param name="population">N: all subjects who may be asked about.</param>
    /// <param name="released">Every cohort answered before, whoever asked and whatever the question was.</param>
    public static BlockRule? Of(SubjectSet cohort, int rows, int population, IEnumerable<SubjectSet> released, DisclosurePolicy policy)
    {
        if (policy.Has(DisclosureControlName.C1) && Size(cohort.Count, rows, population, policy.MinimumCohort) is { } rule)
            return rule;
        return policy.Has(DisclosureControlName.C2) && released.Any(other => DifferByFew(cohort, other, policy.MinimumCohort)) ? BlockRule.Difference : null;
    }

    /// <summary>C1: n ≥ k distinct subjects, each in one row, and N − n is 0 or ≥ k.</summary>
    public static BlockRule? Size(int n, int rows, int population, int k)
    {
        if (rows != n)
            return BlockRule.RepeatedSubject;
        if (n < k)
            return BlockRule.MinimumCohort;
        return population > n && population - n < k ? BlockRule.Remainder : null;
    }

    /// <summary>C2: whether |A∖C| or |C∖A| is from 1 to k − 1.</summary>
    public static bool DifferByFew(SubjectSet one, SubjectSet other, int k)
    {
        var common = one.CountIn(other);
        return IsFew(one.Count - common) || IsFew(other.Count - common);

        bool IsFew(int count) => count > 0 && count < k;
    }
}
