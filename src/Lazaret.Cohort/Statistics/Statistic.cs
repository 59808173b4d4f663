namespace Lazaret.Cohort.Statistics;

/// <summary>How scores are compared with outcomes.</summary>
public enum Statistic
{
    Pearson,
    Spearman,
    Kendall,
}
