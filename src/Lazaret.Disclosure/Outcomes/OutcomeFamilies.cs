using System.Collections.Immutable;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Outcomes;

/// <summary>
/// Which outcomes share a ledger: those that are declared to, that are correlated, or that a chain of such pairs connects. An answer about one
/// is a noisier answer about the other. Families only ever merge, so that no data update makes an earlier answer forgotten.
/// </summary>
public sealed class OutcomeFamilies
{
    private const double Related = 0.2;
    private const int FewestInCommon = 30;

    private readonly Dictionary<string, ImmutableSortedSet<string>> _familyOf = new(StringComparer.Ordinal);

    private OutcomeFamilies()
    {
    }

    /// <summary>All families in the order of their first outcomes; the outcomes of each are sorted.</summary>
    public IReadOnlyList<ImmutableSortedSet<string>> All => [.. _familyOf.Values.Distinct().OrderBy(family => family[0], StringComparer.Ordinal)];

    /// <param name="outcomes">One value per subject, the same subjects for all; NaN where it is missing.</param>
    /// <param name="joined">Declared families, and those of earlier states of the data; names that are no longer outcomes stay in them.</param>
    public static OutcomeFamilies Of(IReadOnlyDictionary<string, double[]> outcomes, IEnumerable<IReadOnlyCollection<string>> joined)
    {
        var families = new OutcomeFamilies();
        foreach (var name in outcomes.Keys)
            families.Merge([name]);
        foreach (var family in joined)
            families.Merge(family);
        KeyValuePair<string, double[]>[] columns = [.. outcomes];
        for (var i = 1; i < columns.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (families._familyOf[columns[i].Key] != families._familyOf[columns[j].Key] && AreRelated(columns[i].Value, columns[j].Value))
                    families.Merge([columns[i].Key, columns[j].Key]);
            }
        }

        return families;
    }

    /// <param name="joined">Outcomes that are in one family; such groups that share an outcome are one.</param>
    public static OutcomeFamilies Joined(IEnumerable<IReadOnlyCollection<string>> joined) => Of(ImmutableDictionary<string, double[]>.Empty, joined);

    /// <summary>The family of an outcome; itself alone when nothing is known of it.</summary>
    public ImmutableSortedSet<string> FamilyOf(string outcome) => _familyOf.GetValueOrDefault(outcome) ?? ImmutableSortedSet.Create(StringComparer.Ordinal, outcome);

    /// <summary>Whether two outcomes are correlated: |R| ≥ 0.2 of values or of ranks, with at least 30 subjects who have both.</summary>
    internal static bool AreRelated(double[] a, double[] b)
    {
        int[] both = [.. Enumerable.Range(0, a.Length).Where(i => double.IsFinite(a[i]) && double.IsFinite(b[i]))];
        if (both.Length < FewestInCommon)
            return false;
        var (x, y) = (Array.ConvertAll(both, i => a[i]), Array.ConvertAll(both, i => b[i]));
        return Strength(x, y) >= Related || Strength(Ranks.Of(x), Ranks.Of(y)) >= Related;
    }

    private static double Strength(double[] x, double[] y) => Pearson.Correlate(x, y) is Correlation.Defined(var r, _) ? Math.Abs(r) : 0;

    private void Merge(IReadOnlyCollection<string> names)
    {
        var family = names.SelectMany(name => _familyOf.TryGetValue(name, out var one) ? one : [name]).ToImmutableSortedSet(StringComparer.Ordinal);
        foreach (var name in family)
            _familyOf[name] = family;
    }
}
