using System.Globalization;

namespace Lazaret.Disclosure;

/// <summary>Finds all faults of a policy, and reads the names of controls that are switched off.</summary>
public static class PolicyCheck
{
    /// <summary>c of answers about discrete outcomes, at least.</summary>
    public const double LeastDiscreteNoise = 0.5;

    private static readonly string[] Known = Enum.GetNames<DisclosureControlName>();

    /// <summary>The controls with these names, in upper or lower case, and a fault for each name that no control has.</summary>
    public static (IReadOnlySet<DisclosureControlName> Controls, IReadOnlyList<PolicyFault> Faults) ReadOff(IEnumerable<string> names)
    {
        var controls = new HashSet<DisclosureControlName>();
        var faults = new List<PolicyFault>();
        foreach (var name in names)
        {
            // Enum.TryParse alone would take numbers.
            if (Array.Find(Known, known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } control)
                controls.Add(Enum.Parse<DisclosureControlName>(control));
            else
                faults.Add(new PolicyFault(nameof(DisclosurePolicy.Off), "no control has this name", Known));
        }

        return (controls, faults);
    }

    internal static List<PolicyFault> Of(DisclosurePolicy policy)
    {
        var faults = new List<PolicyFault>();
        Integer(nameof(policy.MinimumCohort), policy.MinimumCohort, 3, 1_000_000);
        Integer(nameof(policy.Decimals), policy.Decimals, 1, 3);
        Share(nameof(policy.LeverageLimit), policy.LeverageLimit, 0.5, "C3");
        Share(nameof(policy.PairLimit), policy.PairLimit, 0.75, "Pairs");
        Share(nameof(policy.DiscreteLeverageLimit), policy.DiscreteLeverageLimit, 0.20, "Discrete");
        Share(nameof(policy.SiteLimit), policy.SiteLimit, 0.8, "C3");
        Share(nameof(policy.BitsShare), policy.BitsShare, 0.5, "C4");
        Share(nameof(policy.DiscreteBitsShare), policy.DiscreteBitsShare, 0.25, "Discrete");
        Multiple(nameof(policy.Noise), policy.Noise, 0.25, "choose the profile exact to have none");
        Multiple(nameof(policy.DiscreteNoise), policy.DiscreteNoise, LeastDiscreteNoise, "switch off the control Discrete to have none");
        if (policy.Epsilon is not (> 0 and <= 10))
            faults.Add(new PolicyFault(nameof(policy.Epsilon), "must be above 0 and at most 10", []));
        if (policy.RhoBudget is not (> 0 and <= 100))
            faults.Add(new PolicyFault(nameof(policy.RhoBudget), "must be above 0 and at most 100", []));
        if (policy.SiteLimit < policy.LeverageLimit)
            faults.Add(new PolicyFault(nameof(policy.SiteLimit), "must not be below LeverageLimit, the limit of one project", []));
        return faults;

        void Integer(string setting, int value, int least, int most)
        {
            if (value < least || value > most)
                faults.Add(new PolicyFault(setting, string.Create(CultureInfo.InvariantCulture, $"must be from {least} to {most}"), []));
        }

        void Share(string setting, double value, double most, string control)
        {
            if (!(value > 0 && value <= most))
                faults.Add(new PolicyFault(setting, string.Create(CultureInfo.InvariantCulture, $"must be above 0 and at most {most}; switch off the control {control} to have no limit"), []));
        }

        void Multiple(string setting, double value, double least, string instead)
        {
            if (!(value >= least && value <= 10))
                faults.Add(new PolicyFault(setting, string.Create(CultureInfo.InvariantCulture, $"must be from {least} to 10; {instead}"), []));
        }
    }
}
