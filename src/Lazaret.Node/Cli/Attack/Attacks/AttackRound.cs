using System.Text.Json.Nodes;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks;

/// <summary>One attack against one node.</summary>
/// <param name="Cohorts">The attack's own.</param>
/// <param name="Catalog">What the node says may be asked.</param>
/// <param name="IsTicking">Whether answers wait for the policy's tick.</param>
internal sealed record AttackRound(AttackNode Node, AttackSite Site, IReadOnlyList<SeededCohort> Cohorts, JsonNode Catalog, AttackScale Scale, bool IsTicking)
{
    public Attacker Attacker => Node.Attacker;

    /// <summary>The standard deviation of the noise on R, times √(n − 1).</summary>
    public double Noise => (string?)Catalog["disclosure"]?["profile"] == "exact" ? 0 : 0.25;
}
