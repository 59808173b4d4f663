using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>Two accounts ask one half each.</summary>
internal sealed class ColludingAccounts : Halves
{
    public override string Name => "colluding-accounts";

    public override string Control => "C3 over all requesters";

    protected override (Attacker Attacker, string Outcome) Choose(AttackRound round, SeededCohort cohort, bool isFirst) =>
        (isFirst ? round.Attacker : round.Node.Accomplice, cohort.Outcome);
}
