using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure.Checks;

/// <summary>What only the cohort decides (controls C1 and C2): null where it may be answered.</summary>
public static class CohortCheck
{
    /// <summary>C1 and C2 together; the first rule that speaks.</summary>
    /// <param name="cohort">Who is behind the answer, after every drop.</param>
    /// <param name="rows">How many rows they are: more than subjects when somebody is in twice.</param>
    /// <param name="population">N: subjects of the site.</param>
    /// <param name="released">Every cohort answered before, whoever asked and whatever about.</param>
    public static BlockRule? Of(SubjectSet cohort, int rows, int population, IEnumerable<SubjectSet> released, DisclosurePolicy policy)
    {
        if (policy.Has(DisclosureControlName.C1) && Size(cohort.Count, rows, population, policy.MinimumCohort) is { } rule)
            return rule;
        return policy.Has(DisclosureControlName.C2) && released.Any(other => DifferByFew(cohort, other, policy.MinimumCohort)) ? BlockRule.Difference : null;
    }

    /// <summary>n ≥ k distinct subjects, each in one row, and N − n is 0 or ≥ k.</summary>
    public static BlockRule? Size(int n, int rows, int population, int k)
    {
        if (rows != n)
            return BlockRule.RepeatedSubject;
        if (n < k)
            return BlockRule.MinimumCohort;
        return population > n && population - n < k ? BlockRule.Remainder : null;
    }

    /// <summary>Whether |A∖C| or |C∖A| is from 1 to k − 1.</summary>
    public static bool DifferByFew(SubjectSet one, SubjectSet other, int k)
    {
        var common = one.CountIn(other);
        return IsFew(one.Count - common) || IsFew(other.Count - common);

        bool IsFew(int count) => count > 0 && count < k;
    }
}
