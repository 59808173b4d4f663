using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort.Statistics;
using Lazaret.Node.Cohorts.Answers;

namespace Lazaret.Tests.Cohorts;

public sealed class CohortAnswerResultTests
{
    /// <param name="p">As it was released, with the site's decimals.</param>
    [Theory]
    [InlineData("0.000", "0.001")]
    [InlineData("0.00", "0.01")]
    [InlineData("0.0", "0.1")]
    [InlineData("0.001", null)]
    [InlineData("0.01", null)]
    [InlineData("1.000", null)]
    public void P_is_below_one_in_the_last_of_its_decimals_where_these_show_zero(string p, string? below)
    {
        foreach (int? permutations in new int?[] { null, 1000 })
        {
            // A job keeps its result as JSON, and the decimals with it.
            var kept = JsonSerializer.Deserialize<CohortAnswerResult>($$"""{"n":60,"R":0.41,"p":{{p}},"p_below":0.001}""")! with { Permutations = permutations };
            var shown = kept.For(Alternative.TwoSided);
            Assert.Equal(below, shown.PBelow?.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(below is null ? $"p = {p}" : $"p < {below}", Cited(shown));
        }

        static string Cited(CohortAnswerResult shown) => CohortCitation.Of(
            new CohortAnswer { Status = "done", N = shown.N, R = shown.R, P = shown.P, PBelow = shown.PBelow }, "two-sided").Split(", ").First(part => part.StartsWith("p ", StringComparison.Ordinal)).Split(" (")[0];
    }

    [Fact]
    public void Half_of_a_p_has_no_more_decimals_than_p()
    {
        var greater = new CohortAnswerResult(60, 0.41m, 0.01m).For(Alternative.Greater);
        Assert.Equal(0.00m, greater.P);
        Assert.Equal(0.01m, greater.PBelow);
        Assert.Equal(0.005m, new CohortAnswerResult(60, 0.41m, 0.010m).For(Alternative.Greater).P);
    }

    [Fact]
    public void The_q_of_a_batch_is_not_below_what_its_p_may_be()
    {
        // At two decimals 0.00 may be 10 of 2,001 permutations.
        CohortAnswerResult[] batch = [Permuted("0.00"), Permuted("0.30")];
        Assert.Equal([0.010m, 0.300m], BatchAnswer.WithQ(batch).Select(result => result.Q!.Value));
        batch = [Permuted("0.000"), Permuted("0.300")];
        Assert.Equal([0.001m, 0.300m], BatchAnswer.WithQ(batch).Select(result => result.Q!.Value));

        static CohortAnswerResult Permuted(string p) => (new CohortAnswerResult(60, 0.41m, decimal.Parse(p, CultureInfo.InvariantCulture)) { Permutations = 2000 }).For(Alternative.TwoSided);
    }
}
