using Lazaret.Node.Cli.Attack.Attacks;
using Lazaret.Node.Cli.Attack.Estimates;

namespace Lazaret.Node.Cli.Attack;

/// <summary>What one attack recovered with every control off, and with the policy.</summary>
internal sealed record AttackResult(IAttack Attack, Recovered Naive, Recovered Policy)
{
    public bool IsProven => Naive.Succeeds;

    public bool IsStopped => !Policy.Succeeds;
}
