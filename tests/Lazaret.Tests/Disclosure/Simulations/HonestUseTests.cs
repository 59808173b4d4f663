using Lazaret.Disclosure;

namespace Lazaret.Tests.Disclosure.Simulations;

/// <summary>Honest requesters are answered as often as the documentation says.</summary>
public sealed class HonestUseTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };

    [Fact]
    public void A_cohort_of_130_answers_42_unrelated_maps_exactly()
    {
        int[] independent = [.. Enumerable.Range(0, 10).Select(seed => Site(Exact, 130, seed) is var site ? site.Answered(site.IndependentScores, 200) : 0).Order()];
        int[] maps = [.. Enumerable.Range(0, 10).Select(seed => Site(Exact, 130, seed) is var site ? site.Answered(site.ScoresOfMap, 200) : 0).Order()];
        Assert.All([independent, maps], counts =>
        {
            Assert.True(counts[0] >= 38, string.Join(' ', counts));
            Assert.True(counts[5] >= 42, string.Join(' ', counts));
        });
    }

    [Fact]
    public void With_noise_it_answers_70()
    {
        int[] maps = [.. Enumerable.Range(0, 10).Select(seed => Site(Exact with { Profile = DisclosureProfile.Guarded }, 130, seed) is var site ? site.Answered(site.ScoresOfMap, 200) : 0).Order()];
        Assert.True(maps[5] >= 70, string.Join(' ', maps));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_first_query_on_a_clean_cohort_of_30_is_refused_less_than_once_in_500(bool binary, bool heavyTails)
    {
        const int Sites = 2500;
        var refused = 0;
        for (var seed = 0; seed < Sites; seed++)
        {
            var site = binary ? new SimulatedSite(Exact, 30, seed, HalfAndHalf()) : Site(Exact, 30, seed);
            var scores = site.IndependentScores();
            // Student's t with three degrees of freedom.
            if (heavyTails)
                scores = Array.ConvertAll(scores, z => z / Math.Sqrt(Enumerable.Range(0, 3).Sum(_ => Math.Pow(Gaussian.Next(site.Random), 2)) / 3));
            refused += site.Ask(scores) is null ? 1 : 0;
        }

        Assert.InRange(refused, 0, Sites / 500 - 1);
    }

    private static Func<Random, double> HalfAndHalf()
    {
        var subject = 0;
        return _ => subject++ % 2;
    }

    private static SimulatedSite Site(DisclosurePolicy policy, int n, int seed) => new(policy, n, seed, Gaussian.Next);
}
