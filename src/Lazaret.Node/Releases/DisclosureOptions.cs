using Lazaret.Disclosure;
using Lazaret.Node.Configuration;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.Releases;

/// <summary>What may leave, of a cohort's result: <c>docs/disclosure.md</c> says what each control stops.</summary>
public sealed record DisclosureOptions
{
    /// <summary>exact: values to three decimals, no noise. guarded: noise that is the same whenever the same is asked. dp: differential privacy. exact; exact, guarded, dp.</summary>
    public string Profile { get; init; } = "exact";

    /// <summary>The smallest cohort that is answered, in subjects. 20; 3 to 1000000.</summary>
    public int MinimumCohort { get; init; } = 20;

    /// <summary>How many different questions a requester may ask in seven days; 0 for no limit. 20; 0 to 1000000.</summary>
    public int QueriesPerWeek { get; init; } = 20;

    /// <summary>Whose answers are counted together: the site's, or each project's by itself. site; site, project.</summary>
    public string Ledger { get; init; } = "site";

    /// <summary>How much all projects together may learn about anybody, where each has its own ledger. 0.8; LeverageLimit to 0.8.</summary>
    public double SiteLimit { get; init; } = 0.8;

    /// <summary>What becomes of a question that would tell too much together with earlier answers: refused, or held for a steward. refuse; refuse, review.</summary>
    public string WhenSpent { get; init; } = "refuse";

    /// <summary>Controls that are switched off, by name. None.</summary>
    public IReadOnlyList<string> Off { get; init; } = [];

    /// <summary>Answers are shown at multiples of this many milliseconds, so that nobody learns how long a decision took; 0 for at once. 1000; 0 to 60000.</summary>
    public int TickMilliseconds { get; init; } = 1000;

    /// <summary>How much answers may tell of one subject: nobody's estimate correlates better with an outcome than its root. 0.5; above 0 to 0.5.</summary>
    public double LeverageLimit { get; init; } = 0.5;

    /// <summary>The same for the sum or difference of two subjects. 0.75; above 0 to 0.75.</summary>
    public double PairLimit { get; init; } = 0.75;

    /// <summary>The same as LeverageLimit for outcomes of few values. 0.2; above 0 to 0.2.</summary>
    public double DiscreteLeverageLimit { get; init; } = 0.2;

    /// <summary>The share of an outcome's entropy that answers may hold. 0.5; above 0 to 0.5.</summary>
    public double BitsShare { get; init; } = 0.5;

    /// <summary>The same for outcomes of few values. 0.25; above 0 to 0.25.</summary>
    public double DiscreteBitsShare { get; init; } = 0.25;

    /// <summary>Noise on R in the profile guarded, in units of 1/√(n − 1). 0.25; 0.25 to 10.</summary>
    public double Noise { get; init; } = 0.25;

    /// <summary>Noise on R for outcomes of few values, in every profile. 0.5; 0.5 to 10.</summary>
    public double DiscreteNoise { get; init; } = 0.5;

    /// <summary>ε of an answer in the profile dp. 0.5; above 0 to 10.</summary>
    public decimal Epsilon { get; init; } = 0.5m;

    /// <summary>In the profile dp, what all answers about any of the same people may cost together, and those of one project: Σ ε²/2. 2; above 0 to 100.</summary>
    public decimal RhoBudget { get; init; } = 2;

    /// <summary>Digits after the point in R and p. 3; 1 to 3.</summary>
    public int Decimals { get; init; } = 3;

    /// <summary>B: how many permutations of the outcomes a p by permutation rests on. 1000; 99 to 10000.</summary>
    public int Permutations { get; init; } = 1000;

    /// <summary>How many surrogates of the map a p of the spatial null rests on. 1000; 99 to 2000.</summary>
    public int Surrogates { get; init; } = 1000;

    /// <summary>The fewest voxels of a parcel whose mean R is given. 10; 2 to 1000000.</summary>
    public int ParcelVoxels { get; init; } = 10;

    public ReviewOptions Review { get; init; } = new();

    /// <summary>The smallest cohort within a project, or with null outside any: the larger of the site's and the project's.</summary>
    internal int MinimumOf(Project? project) => Math.Max(MinimumCohort, project?.MinimumCohort ?? 0);

    /// <summary>For so few people cohorts may not differ; 0 where nobody compares them.</summary>
    internal int SmallestDifference => Has(DisclosureControlName.C2) ? MinimumCohort : 0;

    internal bool Has(DisclosureControlName control) => !Off.Contains(control.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a control does anything: it is not switched off, nor set to nothing.</summary>
    internal bool Acts(DisclosureControlName control) => Has(control) && control switch
    {
        DisclosureControlName.Tick => TickMilliseconds > 0,
        DisclosureControlName.C9 => QueriesPerWeek > 0 || Review.BlocksInARow > 0,
        _ => true,
    };

    /// <summary>The policy within a project, or with null outside any.</summary>
    internal DisclosurePolicy PolicyOf(Project? project) => new()
    {
        Profile = Enum.Parse<DisclosureProfile>(Profile, ignoreCase: true),
        MinimumCohort = MinimumOf(project),
        LeverageLimit = LeverageLimit,
        PairLimit = PairLimit,
        DiscreteLeverageLimit = DiscreteLeverageLimit,
        SiteLimit = SiteLimit,
        Noise = Noise,
        DiscreteNoise = DiscreteNoise,
        BitsShare = BitsShare,
        DiscreteBitsShare = DiscreteBitsShare,
        Ledger = Enum.Parse<LedgerScope>(Ledger, ignoreCase: true),
        Decimals = Decimals,
        Epsilon = Epsilon,
        RhoBudget = RhoBudget,
        Off = PolicyCheck.ReadOff(Off).Controls,
    };

    internal void Check(OptionFaults faults)
    {
        var before = faults.Lines.Total;
        faults.OneOf("Disclosure:Profile", Profile, "exact", "guarded", "dp");
        faults.Range("Disclosure:QueriesPerWeek", QueriesPerWeek, 0, 1_000_000);
        faults.OneOf("Disclosure:Ledger", Ledger, "site", "project");
        faults.OneOf("Disclosure:WhenSpent", WhenSpent, "refuse", "review");
        faults.Range("Disclosure:Permutations", Permutations, 99, 10_000);
        faults.Range("Disclosure:Surrogates", Surrogates, 99, 2000);
        faults.Range("Disclosure:ParcelVoxels", ParcelVoxels, 2, 1_000_000);
        faults.Range("Disclosure:TickMilliseconds", TickMilliseconds, 0, 60_000);
        foreach (var fault in PolicyCheck.ReadOff(Off).Faults)
            faults.Add("Disclosure:Off", $"{fault.Message}: {string.Join(", ", fault.Allowed)}");
        Review.Check(faults);
        if (faults.Lines.Total > before)
            return;
        foreach (var fault in PolicyOf(null).Faults())
            faults.Add($"Disclosure:{fault.Setting}", fault.Message);
    }
}
