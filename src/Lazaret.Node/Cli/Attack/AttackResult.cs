using Lazaret.Node.Cli.Attack.Attacks;
using Lazaret.Node.Cli.Attack.Estimates;

namespace Lazaret.Node.Cli.Attack;

/// <summary>What one attack recovered with every control off, and with the policy.</summary>
/// <param name="Again">With the policy on more sites, where it succeeded on the first ones and may have done so by chance; null otherwise.</param>
internal sealed record AttackResult(IAttack Attack, Recovered Naive, Recovered Policy, Recovered? Again = null)
{
    public bool IsProven => Naive.Succeeds;

    /// <summary>Whether it failed at first or, where it was tried again, then: a second try that measured nothing says nothing.</summary>
    public bool IsStopped => !Policy.Succeeds || Again is { Succeeds: false, Value: not null, Threshold: < 1 };
}
