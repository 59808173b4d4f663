using Lazaret.Disclosure;

namespace Lazaret.Tests.Disclosure;

public sealed class DisclosurePolicyTests
{
    private static readonly DisclosurePolicy Default = new() { MinimumCohort = 20 };

    [Fact]
    public void The_default_is_sound() => Assert.Empty(Default.Faults());

    [Fact]
    public void Every_fault_is_told_and_loosening_is_one()
    {
        var faults = new DisclosurePolicy
        {
            MinimumCohort = 2,
            Decimals = 4,
            LeverageLimit = 0.51,
            PairLimit = 0.76,
            DiscreteLeverageLimit = 0.21,
            SiteLimit = 0.81,
            BitsShare = double.NaN,
            DiscreteBitsShare = 0.26,
            Noise = 0.24,
            DiscreteNoise = 0.4,
        }.Faults();
        Assert.Equal(
            ["MinimumCohort", "Decimals", "LeverageLimit", "PairLimit", "DiscreteLeverageLimit", "SiteLimit", "BitsShare", "DiscreteBitsShare", "Noise", "DiscreteNoise"],
            faults.Select(fault => fault.Setting));
        Assert.Equal("SiteLimit", Assert.Single((Default with { SiteLimit = 0.4 }).Faults()).Setting);
    }

    [Fact]
    public void Tightening_is_no_fault() =>
        Assert.Empty((Default with { MinimumCohort = 100, Decimals = 2, LeverageLimit = 0.3, PairLimit = 0.5, SiteLimit = 0.3, Noise = 1, DiscreteNoise = 1, BitsShare = 0.1 }).Faults());

    [Fact]
    public void Controls_are_switched_off_by_name_and_no_other_way()
    {
        var (off, faults) = PolicyCheck.ReadOff(["c3", "Pairs", "3", "C10", "", "C3, C4"]);
        Assert.Equal([DisclosureControlName.C3, DisclosureControlName.Pairs], off.Order());
        Assert.Equal(4, faults.Count);
        Assert.All(faults, fault => Assert.Contains("Discrete", fault.Allowed));

        var policy = Default with { Off = off };
        Assert.Equal(double.PositiveInfinity, policy.LimitsOf(discrete: true, entropy: 1).Leverage);
        Assert.Equal(double.PositiveInfinity, policy.SiteLimitsOf(discrete: false).Pair);
        Assert.Equal(0.25, policy.LimitsOf(discrete: true, entropy: 1).BitsPerSubject);
    }

    [Fact]
    public void Under_differential_privacy_no_control_looks_at_the_data()
    {
        var policy = Default with { Profile = DisclosureProfile.Dp };
        Assert.Equal(
            [DisclosureControlName.C0, DisclosureControlName.C1, DisclosureControlName.C2, DisclosureControlName.C6, DisclosureControlName.C8, DisclosureControlName.C9, DisclosureControlName.Families, DisclosureControlName.People, DisclosureControlName.Tick],
            Enum.GetValues<DisclosureControlName>().Where(policy.Has));
        Assert.Equal(double.PositiveInfinity, policy.LimitsOf(discrete: true, entropy: 1).Leverage);
    }

    [Theory]
    [InlineData(DisclosureProfile.Exact, false, 0)]
    [InlineData(DisclosureProfile.Exact, true, 0.5)]
    [InlineData(DisclosureProfile.Guarded, false, 0.25)]
    [InlineData(DisclosureProfile.Guarded, true, 0.5)]
    public void Discrete_outcomes_have_noise_and_stricter_limits_in_every_profile(DisclosureProfile profile, bool discrete, double c)
    {
        var policy = Default with { Profile = profile };
        Assert.Equal(c, policy.NoiseOf(discrete));
        Assert.Equal(discrete ? 0.2 : 0.5, policy.LimitsOf(discrete, 1).Leverage);
        Assert.Equal(discrete ? 0.32 : 0.8, policy.SiteLimitsOf(discrete).Leverage, 1e-12);
        Assert.Equal(discrete ? 0.25 : 0.5, policy.LimitsOf(discrete, 1).BitsPerSubject);
        Assert.Equal(0.9, policy.SiteLimitsOf(discrete).Pair, 1e-12);
    }
}
