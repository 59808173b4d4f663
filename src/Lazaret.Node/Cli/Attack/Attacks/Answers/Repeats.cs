using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>
/// One question a hundred times: the same bytes, at another scale, compressed, and changed by less than the node keeps of a map. If the answers differ, their
/// mean is better than any of them.
/// </summary>
internal sealed class Repeats : IAttack
{
    private const int Times = 100;

    public string Name => "repeats";

    public string Control => "C0";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [new SeededCohort(Name, 1, scale.Size)];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var cohort = round.Cohorts[0];
        var map = SignMap.Draw(cohort.Random);
        Question[] questions =
        [
            .. Enumerable.Range(0, Times).Select(time => time % 4 == 0
                ? new Question(cohort.Outcome, map) { Compress = time % 8 == 0 }
                : new Question(cohort.Outcome, SignMap.Change(map, cohort.Scans[time % cohort.Size], time % 4 == 1, scale: 1 + (time / 10)))),
        ];
        var answers = (await round.Attacker.AskAllAsync(questions, cancellationToken)).Where(answer => answer.IsReleased).ToList();
        return Recovered.Count("different answers", answers.Count == 0 ? null : answers.Select(answer => answer.Results[0]).Distinct().Count(), 1, answers.Count);
    }
}
