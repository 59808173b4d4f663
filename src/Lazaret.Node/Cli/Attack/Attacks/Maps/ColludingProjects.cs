using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>Members of two projects ask one half each.</summary>
internal sealed class ColludingProjects : Halves
{
    public override string Name => "colluding-projects";

    public override string Control => "C3 over all projects, SiteLimit";

    protected override (Attacker Attacker, string Outcome) Choose(AttackRound round, SeededCohort cohort, bool isFirst) =>
        (round.Node.Members[isFirst ? 0 : 1], cohort.Outcome);
}
