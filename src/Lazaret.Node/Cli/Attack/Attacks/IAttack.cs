using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks;

/// <summary>One way to learn what no answer should tell. <c>docs/attacks.md</c> describes each.</summary>
internal interface IAttack
{
    string Name { get; }

    /// <summary>The controls that should stop it.</summary>
    string Control { get; }

    /// <summary>Whether it disturbs other attacks, or is disturbed by them.</summary>
    bool RunsAlone => false;

    /// <summary>Whether it is about when answers come, so that the policy's tick must stay.</summary>
    bool NeedsTick => false;

    /// <summary>The subjects that it asks about; the same for the same scale.</summary>
    IReadOnlyList<SeededCohort> Draw(AttackScale scale);

    Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken);
}
