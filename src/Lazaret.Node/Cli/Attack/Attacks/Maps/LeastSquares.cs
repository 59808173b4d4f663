using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>
/// Somewhat more unrelated maps than there are subjects: with all scans known, the answers are as many linear equations in the outcomes. Measured for the
/// fifth of the subjects of whom most is known.
/// </summary>
internal sealed class LeastSquares : OutcomeAttack
{
    private const int MostSites = 3;

    public override string Name => "least-squares";

    public override string Control => "C3, C4";

    public override IReadOnlyList<SeededCohort> Draw(AttackScale scale) => base.Draw(scale with { Seeds = Math.Min(MostSites, scale.Seeds) });

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        Question[] questions = [.. Enumerable.Range(0, CountFor(cohort)).Select(_ => new Question(cohort.Outcome, cohort.DrawMap()))];
        foreach (var (question, answer) in questions.Zip(await round.Attacker.AskAllAsync(questions, cancellationToken)))
            inference.Learn(answer, question.Maps);
    }

    protected override IEnumerable<int> FindTargets(SeededCohort cohort, Inference inference) => inference.FindMostExposed(cohort.Size / 5);

    internal static int CountFor(SeededCohort cohort) => cohort.Size * 6 / 5;
}
