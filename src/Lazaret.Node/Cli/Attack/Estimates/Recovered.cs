namespace Lazaret.Node.Cli.Attack.Estimates;

/// <summary>What an attack recovered, and how much it may be.</summary>
/// <param name="Measure">What is measured.</param>
/// <param name="Value">Null when every question was refused.</param>
/// <param name="Limit">What an attacker may reach.</param>
/// <param name="Threshold">The limit and what chance adds to it in as many samples, in one run of twenty; for a latency, which may differ either way, three standard deviations.</param>
/// <param name="Of">How many samples.</param>
internal sealed record Recovered(string Measure, double? Value, double Limit, double Threshold, int Of)
{
    public const double MaxCorrelation = 0.707;
    public const double MaxAccuracy = 0.70;
    public const double MaxLatencyAuc = 0.55;

    private const double OneInTwenty = 1.645;
    private const double ThreeDeviations = 3;

    public bool Succeeds => Value > Threshold;

    /// <summary>Whether chance alone may bring it beyond the limit.</summary>
    public bool HasChance => Threshold > Limit;

    /// <summary>Of estimates with true outcomes, both in standard deviations of their cohort; pooled over cohorts.</summary>
    public static Recovered Correlation(IReadOnlyList<(double Estimate, double Truth)> pairs)
    {
        const string Name = "correlation";
        if (pairs.Count < 4)
            return new Recovered(Name, null, MaxCorrelation, 1, pairs.Count);
        // By Fisher's transformation.
        var threshold = Math.Tanh(Math.Atanh(MaxCorrelation) + (OneInTwenty / Math.Sqrt(pairs.Count - 3)));
        var found = Lazaret.Cohort.Statistics.Correlation.Of(
            Lazaret.Cohort.Statistics.Statistic.Pearson, [.. pairs.Select(pair => pair.Estimate)], [.. pairs.Select(pair => pair.Truth)], []);
        return new Recovered(Name, found is Lazaret.Cohort.Statistics.Correlation.Defined { R: var r } ? r : 0, MaxCorrelation, threshold, pairs.Count);
    }

    /// <summary>The share of binary facts that were guessed rightly; half of them is chance.</summary>
    public static Recovered Accuracy(IReadOnlyList<bool> right)
    {
        const string Name = "accuracy";
        if (right.Count == 0)
            return new Recovered(Name, null, MaxAccuracy, 1, 0);
        var threshold = MaxAccuracy + (OneInTwenty * Math.Sqrt(MaxAccuracy * (1 - MaxAccuracy) / right.Count));
        return new Recovered(Name, right.Average(isRight => isRight ? 1.0 : 0), MaxAccuracy, threshold, right.Count);
    }

    /// <summary>How often one latency is longer than the other, or shorter if that is more.</summary>
    public static Recovered LatencyAuc(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        var wins = one.Sum(a => other.Sum(b => a > b ? 1.0 : a == b ? 0.5 : 0)) / ((double)one.Count * other.Count);
        var deviation = Math.Sqrt((one.Count + other.Count + 1) / (12.0 * one.Count * other.Count));
        return new Recovered("latency AUC", Math.Max(wins, 1 - wins), MaxLatencyAuc, MaxLatencyAuc + (ThreeDeviations * deviation), one.Count + other.Count);
    }

    /// <summary>A number that must not pass <paramref name="limit"/>.</summary>
    public static Recovered Count(string measure, int? value, int limit, int of) => new(measure, value, limit, limit, of);
}
