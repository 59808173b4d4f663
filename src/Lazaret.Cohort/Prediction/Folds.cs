using Lazaret.Cohort.Statistics.Permutations;

namespace Lazaret.Cohort.Prediction;

/// <summary>Which rows are left out together. By <see cref="FoldScheme.Loo"/> and <see cref="FoldScheme.Kfold"/> these are all rows of one subject, or of several.</summary>
public static class Folds
{
    /// <summary>How many parts <see cref="FoldScheme.Kfold"/> has.</summary>
    public const int Parts = 5;

    /// <summary>The fold of each row, counted from 0.</summary>
    /// <param name="subjects">The subject of each row.</param>
    /// <param name="groups">The level of each row; only used by <see cref="FoldScheme.Group"/>.</param>
    /// <param name="seed">Decides which subjects fall into which part.</param>
    public static int[] Of(FoldScheme scheme, IReadOnlyList<string> subjects, IReadOnlyList<string> groups, byte[] seed) => scheme switch
    {
        FoldScheme.Loo => Numbered(subjects),
        FoldScheme.Kfold => Drawn(subjects, seed),
        FoldScheme.Group => Numbered(groups),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    private static int[] Numbered(IReadOnlyList<string> names)
    {
        string[] distinct = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return [.. names.Select(name => Array.BinarySearch(distinct, name, StringComparer.Ordinal))];
    }

    private static int[] Drawn(IReadOnlyList<string> subjects, byte[] seed)
    {
        var numbered = Numbered(subjects);
        var order = Shuffles.Of(numbered.DefaultIfEmpty(-1).Max() + 1, [], seed, draws: 1, allIfFew: false).Orders().First();
        return Array.ConvertAll(numbered, subject => order[subject] % Parts);
    }
}
