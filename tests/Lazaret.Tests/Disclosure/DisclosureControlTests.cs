using Lazaret.Disclosure;

namespace Lazaret.Tests.Disclosure;

public sealed class DisclosureControlTests
{
    private static readonly DisclosurePolicy Twenty = new() { MinimumCohort = 20 };

    [Fact]
    public void A_cohort_of_the_minimum_is_released_with_three_decimals()
    {
        var release = Assert.IsType<Verdict.Release>(DisclosureControl.Judge(Twenty, [new AnalysisResult(20, -0.53759, 0.0055797)]));
        Assert.Equal(new ReleasedResult(20, -0.538m, 0.006m), Assert.Single(release.Results));
    }

    [Fact]
    public void A_cohort_one_short_of_the_minimum_is_blocked() =>
        Assert.Equal(new Verdict.Block(BlockRule.MinimumCohort), DisclosureControl.Judge(Twenty, [new AnalysisResult(19, 0.5, 0.1)]));

    [Fact]
    public void An_undefined_correlation_is_blocked() =>
        Assert.Equal(new Verdict.Block(BlockRule.Degenerate), DisclosureControl.Judge(Twenty, [new AnalysisResult(50, null, null)]));

    [Fact]
    public void One_blocked_map_blocks_its_whole_batch() =>
        Assert.IsType<Verdict.Block>(DisclosureControl.Judge(Twenty, [new AnalysisResult(20, 0.5, 0.1), new AnalysisResult(19, 0.5, 0.1)]));

    [Theory]
    [InlineData(0.0005, "0.001")]
    [InlineData(0.00049999999, "0.000")]
    [InlineData(-0.0001, "0.000")]
    [InlineData(1.0, "1.000")]
    [InlineData(-1.0, "-1.000")]
    [InlineData(5.26e-31, "0.000")]
    public void Three_decimals_come_of_the_exact_value(double value, string expected)
    {
        var release = (Verdict.Release)DisclosureControl.Judge(Twenty, [new AnalysisResult(20, value, Math.Abs(value))]);
        Assert.Equal(expected, release.Results[0].R.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
