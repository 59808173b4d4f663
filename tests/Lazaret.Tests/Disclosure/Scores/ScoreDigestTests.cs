using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Tests.Disclosure.Scores;

public sealed class ScoreDigestTests
{
    private static readonly DisclosurePolicy Policy = new() { MinimumCohort = 20 };
    private static readonly double[] Scores = Gaussian.Column(new Random(5), 60);

    [Fact]
    public void Scores_that_give_one_answer_have_one_digest()
    {
        Assert.Equal(Of(Scores), Of([.. Scores.Select(score => 3 * score - 7)]));
        Assert.Equal(Of(Scores), Of([.. Scores.Select(score => score * (1 + 1e-13))]));
        Assert.Equal(Of(Scores, Statistic.Spearman), Of([.. Scores.Select(score => score * score * score)], Statistic.Spearman));
        Assert.NotEqual(Of(Scores), Of([.. Scores.Select(score => score * score * score)]));
    }

    [Theory]
    [InlineData(1e-5)]
    [InlineData(0.1)]
    public void Scores_that_differ_in_one_subject_have_another(double by) => Assert.NotEqual(Of(Scores), Of([Scores[0] + by, .. Scores[1..]]));

    [Fact]
    public void One_that_stands_out_does_not_hide_what_the_others_differ_by()
    {
        // It is clipped before it counts.
        Assert.NotEqual(Of([1e12, .. Scores[1..]]), Of([1e12, .. Scores[1..59], Scores[59] + 0.01]));
        Assert.NotEqual(Of([1e12, .. Scores[1..]], Statistic.Spearman), Of([1e12, .. Scores[1..58], Scores[59], Scores[58]], Statistic.Spearman));
    }

    [Fact]
    public void What_covariates_take_out_does_not_count()
    {
        var covariate = Gaussian.Column(new Random(6), 60);
        double[] moved = [.. Scores.Zip(covariate, (score, other) => score + 2 * other)];
        var policy = Policy with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.C5 } };
        Assert.Equal(ScoreDigest.Of(Cohort(Scores) with { Covariates = [covariate] }, policy), ScoreDigest.Of(Cohort(moved) with { Covariates = [covariate] }, policy));
        Assert.NotEqual(ScoreDigest.Of(Cohort(Scores), policy), ScoreDigest.Of(Cohort(moved), policy));
    }

    [Fact]
    public void Under_differential_privacy_a_score_may_be_missing()
    {
        var policy = Policy with { Profile = DisclosureProfile.Dp };
        Assert.NotEqual(ScoreDigest.Of(Cohort(Scores), policy), ScoreDigest.Of(Cohort([double.NaN, .. Scores[1..]]), policy));
        // The lowest of all, and none.
        Assert.NotEqual(ScoreDigest.Of(Cohort([-100, .. Scores[1..]]), policy), ScoreDigest.Of(Cohort([double.NaN, .. Scores[1..]]), policy));
    }

    [Fact]
    public void Another_column_counts_as_the_statistic_uses_it()
    {
        double[] scaled = [.. Scores.Select(value => 3 * value - 7)], bent = [.. Scores.Select(value => value * value * value)], other = [Scores[0] + 0.1, .. Scores[1..]];
        Assert.Equal(ScoreDigest.Of(Statistic.Pearson, Scores), ScoreDigest.Of(Statistic.Pearson, scaled));
        Assert.NotEqual(ScoreDigest.Of(Statistic.Pearson, Scores), ScoreDigest.Of(Statistic.Pearson, bent));
        Assert.NotEqual(ScoreDigest.Of(Statistic.Pearson, Scores), ScoreDigest.Of(Statistic.Pearson, other));
        Assert.Equal(ScoreDigest.Of(Statistic.Spearman, Scores), ScoreDigest.Of(Statistic.Spearman, bent));
    }

    private static string Of(double[] scores, Statistic statistic = Statistic.Pearson) => ScoreDigest.Of(Cohort(scores, statistic), Policy);

    private static ScoredCohort Cohort(double[] scores, Statistic statistic = Statistic.Pearson)
    {
        var outcome = Gaussian.Column(new Random(7), scores.Length);
        return new ScoredCohort
        {
            Statistic = statistic,
            Scores = scores,
            Outcome = outcome,
            Covariates = [],
            Subjects = [.. Enumerable.Range(0, scores.Length).Select(subject => $"s{subject}")],
            Population = scores.Length,
            Traits = OutcomeTraits.Of(outcome),
        };
    }
}
