namespace Lazaret.Cohort.Statistics;

/// <summary>How scores are held against outcomes.</summary>
public enum Statistic
{
    Pearson,
    Spearman,
    Kendall,
}
