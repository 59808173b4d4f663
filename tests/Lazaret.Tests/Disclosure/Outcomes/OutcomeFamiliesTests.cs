using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure.Outcomes;

public sealed class OutcomeFamiliesTests
{
    [Fact]
    public void Correlated_outcomes_and_declared_ones_share_a_family_through_any_chain()
    {
        var random = new Random(1);
        var total = Gaussian.Column(random, 2000);
        double[] Noisy(double[] column, double noise) => [.. column.Select(value => value + noise * Gaussian.Next(random))];
        var part = Noisy(total, 1.5);
        var outcomes = new Dictionary<string, double[]>(StringComparer.Ordinal)
        {
            ["total"] = total,
            ["part"] = part,
            // A U-shape hides from Pearson and ranks; the declaration is for such pairs.
            ["extremes"] = [.. part.Select(value => value * value)],
            ["half"] = [.. total.Select((value, i) => i < 29 ? value : double.NaN)],
            ["mood"] = Gaussian.Column(random, 2000),
        };
        string[][] Families(params string[][] joined) => [.. OutcomeFamilies.Of(outcomes, joined).All.Select(family => family.ToArray())];
        Assert.Equal([["extremes"], ["half"], ["mood"], ["part", "total"]], Families());
        Assert.Equal([["extremes", "part", "total"], ["half"], ["mood"]], Families(["extremes", "part"]));
        // What was together stays together, also with an outcome that is gone.
        Assert.Equal([["extremes"], ["half"], ["mood", "old", "part", "total"]], Families(["mood", "old"], ["old", "total"]));
        Assert.Equal(["unknown"], OutcomeFamilies.Of(outcomes, []).FamilyOf("unknown"));
    }

    [Fact]
    public void A_monotone_transformation_is_a_relative()
    {
        var column = Gaussian.Column(new Random(2), 60);
        Assert.True(OutcomeFamilies.AreRelated(column, Array.ConvertAll(column, value => Math.Exp(8 * value))));
        Assert.True(OutcomeFamilies.AreRelated(column, Array.ConvertAll(column, value => value > 0 ? 1.0 : 0)));
    }
}
