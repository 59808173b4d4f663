namespace Lazaret.Node.Cli.Attack.Attacks;

/// <param name="Seeds">How many seeded sites.</param>
/// <param name="Minimum">The policy's minimum cohort: a smaller cell must stay hidden.</param>
internal sealed record AttackScale(int Seeds, int Minimum)
{
    public const int LargestMinimum = 50;

    /// <summary>The first site's number; sites of other numbers are other sites.</summary>
    public int First { get; init; } = 1;

    public IEnumerable<int> Numbers => Enumerable.Range(First, Seeds);

    /// <summary>More sites, and none of these.</summary>
    public AttackScale MoreSites => this with { First = First + Seeds, Seeds = 4 * Seeds };

    /// <summary>Of a cohort that may be asked about, with and without somebody.</summary>
    public int Size => Math.Max(50, (2 * Minimum) + 10);

    /// <summary>Of a cohort that can be divided.</summary>
    public int LargeSize => Math.Max(130, 2 * Size);
}
