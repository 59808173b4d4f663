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
            new CohortAnswer { Status = "done", Rows = [shown] }).Split(", ").First(part => part.StartsWith("p ", StringComparison.Ordinal)).Split(" (")[0];
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
    public void Every_p_keeps_its_decimals_and_says_what_it_is_below_where_these_show_zero()
    {
        var released = new CohortAnswerResult(60, 0.41m, 0.001m) { RBesideDegree = 0.39m, PBesideDegree = 0.000m, Auc = 0.772m, AucP = 0.500m, FamilyWiseP = 0.000m };
        var shown = BatchAnswer.WithQ([released.For(Alternative.Greater)]).Single();
        var json = JsonSerializer.Serialize(shown);
        Assert.Equal("0.000 0.000 0.250 0.000", FormattableString.Invariant($"{shown.P} {shown.PBesideDegree} {shown.AucP} {shown.Q}"));
        foreach (var member in new[] { "p_below", "p_degree_below", "p_fwe_below", "q_below" })
            Assert.Contains($"\"{member}\":0.001", json, StringComparison.Ordinal);
        Assert.DoesNotContain("auc_p_below", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_citation_says_what_makes_its_p()
    {
        Assert.Contains("p = 0.012 (two-sided, 1,000 permutations within centre, seed sha256:ab)", Cited("permutation", within: "centre"), StringComparison.Ordinal);
        Assert.Contains("p = 0.012 (two-sided, all 1,000 permutations)", Cited("permutation", seed: null), StringComparison.Ordinal);
        Assert.Contains("p = 0.012 (two-sided, 1,000 surrogates of the map, seed sha256:ab)", Cited("spatial"), StringComparison.Ordinal);
        Assert.Contains("beside the degree R = 0.2, p < 0.001", Cited("degree", permutations: null, seed: null), StringComparison.Ordinal);
        var predicted = Cited(null, cv: "group", within: "centre", permutations: null);
        Assert.Contains("left out by turns: each level of centre; n = 60", predicted, StringComparison.Ordinal);
        Assert.Contains("parts drawn by seed sha256:ab", predicted, StringComparison.Ordinal);
        Assert.Contains("left out by turns: five parts", Cited("permutation", cv: "kfold"), StringComparison.Ordinal);
        Assert.Contains("1,000 permutations within centre", Cited("permutation", cv: "loo", within: "centre"), StringComparison.Ordinal);

        static string Cited(string? model, string? cv = null, string? within = null, int? permutations = 1000, string? seed = "ab")
        {
            var result = new CohortAnswerResult(60, 0.41m, 0.012m)
            {
                Permutations = permutations,
                SeedDigest = seed,
                RBesideDegree = model == "degree" ? 0.2m : null,
                PBesideDegree = model == "degree" ? 0.000m : null,
                Query = new CanonicalQuery("map_to_outcome_v1", "y", "pearson", null, JsonElement.Parse("{}"), []) { Null = model, Cv = cv, Within = within },
            };
            return CohortCitation.Of(new CohortAnswer { Status = "done", Rows = [result], Query = result.Query });
        }
    }

    [Fact]
    public void A_citation_of_a_batch_has_each_maps_numbers()
    {
        CohortAnswerResult[] maps = [.. Enumerable.Range(0, 22).Select(_ => new CohortAnswerResult(60, 0.41m, 0.012m) { Q = 0.024m, FamilyWiseP = 0.030m })];
        var cited = CohortCitation.Of(new CohortAnswer { Status = "done", Rows = maps, Results = maps });
        Assert.Contains("22 maps: map 1: n = 60, R = 0.41, p = 0.012 (two-sided), q = 0.024, family-wise p = 0.030; map 2: ", cited, StringComparison.Ordinal);
        Assert.Contains("; and 2 more.", cited, StringComparison.Ordinal);
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
