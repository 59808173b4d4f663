using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Tests.Cohort.Statistics;

public sealed class CorrelationTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Cohort", "Statistics", "data");
    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "stat_vectors.json"))).RootElement;

    [Fact]
    public void The_p_of_a_correlation_agrees_with_25_digits_down_to_the_smallest()
    {
        foreach (var row in File.ReadLines(Path.Combine(Data, "pvalues.tsv")).Skip(1).Select(line => line.Split('\t')))
        {
            var (n, r, expected) = (int.Parse(row[0], CultureInfo.InvariantCulture), Number(row[1]), Number(row[2]));
            AssertRelative(expected, Pearson.P(r, n - 2), 2e-12, $"n = {n}, r = {r}");
        }

        foreach (var row in Vectors.GetProperty("p_from_r_n").EnumerateArray())
            AssertRelative(Get(row, "p"), Pearson.P(Get(row, "r"), (int)Get(row, "n") - 2), 1e-12, row.GetRawText());
    }

    [Theory]
    [InlineData("pearson_basic", Statistic.Pearson, "r", "p")]
    [InlineData("point_biserial", Statistic.Pearson, "r", "p")]
    [InlineData("spearman_ties", Statistic.Spearman, "rho", "p")]
    [InlineData("kendall_ties", Statistic.Kendall, "tau_b", "p_asymptotic")]
    [InlineData("kendall_noties_exact", Statistic.Kendall, "tau_b", "p_exact")]
    [InlineData("kendall_noties_exact", Statistic.Spearman, "spearman", "spearman_p")]
    public void A_statistic_agrees_with_its_vector(string vector, Statistic statistic, string r, string p)
    {
        var expected = Vectors.GetProperty(vector);
        var actual = Assert.IsType<Correlation.Defined>(Correlation.Of(statistic, Column(expected, "x"), Column(expected, "y"), []));
        AssertRelative(Get(expected, r), actual.R, 1e-13, r);
        AssertRelative(Get(expected, p), actual.P, 1e-11, p);
    }

    [Theory]
    [InlineData(Statistic.Pearson, "r", "p")]
    [InlineData(Statistic.Spearman, "partial_spearman", "partial_spearman_p")]
    public void A_partial_correlation_loses_a_degree_of_freedom_for_each_covariate(Statistic statistic, string r, string p)
    {
        var expected = Vectors.GetProperty("partial");
        double[][] covariates = [Column(expected, "z1"), Column(expected, "z2")];
        // A constant and a combination of the two explain nothing more, and cost nothing.
        double[][] redundant = [.. covariates, [.. covariates[0].Select(_ => 3.0)], .. statistic == Statistic.Pearson ? [[.. covariates[0].Zip(covariates[1], (a, b) => 2 * a - b)]] : Array.Empty<double[]>()];
        foreach (var columns in new[] { covariates, redundant })
        {
            var actual = Assert.IsType<Correlation.Defined>(Correlation.Of(statistic, Column(expected, "x"), Column(expected, "y"), columns));
            AssertRelative(Get(expected, r), actual.R, 1e-12, r);
            AssertRelative(Get(expected, p), actual.P, 1e-11, p);
        }
    }

    [Fact]
    public void Fisher_intervals_agree_with_the_table()
    {
        foreach (var row in Vectors.GetProperty("fisher_ci_table").EnumerateArray())
        {
            foreach (var (name, confidence) in new[] { ("ci95", 0.95), ("ci90", 0.90) })
            {
                var interval = FisherInterval.Of(Get(row, "r"), (int)Get(row, "n"), confidence: confidence)!;
                var expected = Column(row, name);
                Assert.Equal(expected[0], interval.Low, 1e-12);
                Assert.Equal(expected[1], interval.High, 1e-12);
            }
        }

        var partial = Vectors.GetProperty("partial");
        Assert.Equal(Column(partial, "fisher_ci95")[0], FisherInterval.Of(Get(partial, "r"), 24, covariates: 2)!.Low, 1e-12);
        Assert.Null(FisherInterval.Of(0.5, 3));
        Assert.Null(FisherInterval.Of(1, 30));
    }

    [Theory]
    [InlineData(Statistic.Pearson)]
    [InlineData(Statistic.Spearman)]
    [InlineData(Statistic.Kendall)]
    public void Constant_or_too_few_values_have_no_correlation(Statistic statistic)
    {
        Assert.Equal(Correlation.None, Correlation.Of(statistic, [1, 2], [2, 1], []));
        Assert.Equal(Correlation.None, Correlation.Of(statistic, [1, 1, 1, 1], [1, 2, 3, 4], []));
        Assert.Equal(Correlation.None, Correlation.Of(statistic, [1, 2, 3, 4], [7, 7, 7, 7], []));
    }

    [Fact]
    public void What_varies_only_by_rounding_is_constant()
    {
        double[] almost = [1e9, Math.BitIncrement(1e9), 1e9, 1e9];
        Assert.Equal(Correlation.None, Correlation.Of(Statistic.Pearson, almost, [1, 2, 3, 5], []));
        Assert.Equal(Correlation.None, Correlation.Of(Statistic.Pearson, [1, 2, 3, 5], [1, 2, 3, 4], [[1, 2, 3, 5]]));
    }

    [Fact]
    public void Extreme_magnitudes_neither_overflow_nor_vanish()
    {
        double[] y = [1, 2, 3, 5, 4];
        var expected = (Correlation.Defined)Correlation.Of(Statistic.Pearson, [1, 3, 2, 4, 5], y, []);
        foreach (var scale in new[] { 1e-300, 1e-200, 1e200, 1e300 })
        {
            var actual = (Correlation.Defined)Correlation.Of(Statistic.Pearson, [1 * scale, 3 * scale, 2 * scale, 4 * scale, 5 * scale], y, []);
            AssertRelative(expected.R, actual.R, 1e-14, $"{scale}");
        }
    }

    private static void AssertRelative(double expected, double actual, double tolerance, string what) =>
        Assert.True(expected == actual || Math.Abs(actual / expected - 1) <= tolerance, $"{what}: expected {expected:R}, was {actual:R}");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Get(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static double[] Column(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
