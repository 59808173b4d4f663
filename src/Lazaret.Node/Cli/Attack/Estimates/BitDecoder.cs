using Lazaret.Cohort.Statistics;

namespace Lazaret.Node.Cli.Attack.Estimates;

/// <summary>Reads single binary outcomes out of one R. The attacker knows how many of the cohort have 1, as a publication says.</summary>
internal static class BitDecoder
{
    private const double Step = 0.001;

    /// <summary>
    /// Bearer j has the score 2^j, all others 0. Every combination of the bearers' outcomes is tried: the one whose R, and p where it is given, are nearest
    /// to the answer is the bearers' outcomes, in their order.
    /// </summary>
    public static bool[] Decode(int subjects, int ones, int bearers, double r, double? p = null)
    {
        // Which of the others have 1 does not matter, for their scores are alike.
        double[] scores = [.. Enumerable.Range(0, subjects).Select(subject => subject < bearers ? Math.Pow(2, subject) : 0)];
        var best = Enumerable.Range(0, 1 << bearers)
            .Where(bits => int.PopCount(bits) <= ones && ones - int.PopCount(bits) <= subjects - bearers)
            .MinBy(bits =>
            {
                var others = ones - int.PopCount(bits);
                double[] outcomes = [.. scores.Select((_, subject) => subject < bearers ? (bits >> subject) & 1 : subject - bearers < others ? 1.0 : 0)];
                return Correlation.Of(Statistic.Pearson, scores, outcomes, []) is Correlation.Defined(var expected, var probability)
                    ? Miss(expected, r) + (p is { } given ? Miss(probability, given) : 0)
                    : double.PositiveInfinity;
            });
        return BitsOf(best, bearers);
    }

    /// <summary>
    /// Four bearers have the scores 1, 2, 4 and 8, all others 0 or 16: the sum of the scores of those who have 1, modulo 16, is the four outcomes.
    /// </summary>
    public static bool[] DecodeModulo(double[] scores, int ones, double r)
    {
        const int Bearers = 4;
        var bits = SumOfScores(scores, ones, r) % (1 << Bearers);
        return BitsOf(bits < 0 ? bits + (1 << Bearers) : bits, Bearers);
    }

    /// <summary>The sum of the scores of those who have 1, to the nearest whole number.</summary>
    public static int SumOfScores(double[] scores, int ones, double r)
    {
        var share = (double)ones / scores.Length;
        return (int)Math.Round((r * LengthOf(scores) * Math.Sqrt(scores.Length * share * (1 - share))) + (scores.Average() * ones));
    }

    /// <summary>The length of the scores about their mean.</summary>
    public static double LengthOf(double[] scores)
    {
        var mean = scores.Average();
        return Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)));
    }

    // In halves of the rounding step; what a rounded value can come from misses by one at most.
    private static double Miss(double expected, double given)
    {
        var miss = Math.Abs(expected - given) / (Step / 2);
        return miss <= 1 ? miss * 0.01 : miss * miss;
    }

    private static bool[] BitsOf(int bits, int count) => [.. Enumerable.Range(0, count).Select(bit => ((bits >> bit) & 1) == 1)];
}
