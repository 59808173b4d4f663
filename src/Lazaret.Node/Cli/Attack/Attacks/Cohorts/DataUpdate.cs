using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Asks before and after the site adds somebody: the same question, but for that one.</summary>
internal sealed class DataUpdate : IAttack
{
    private const float Share = 0.1f;
    private const int Added = 3;

    public string Name => "data-update";

    public string Control => "C2";

    // It changes the data of all.
    public bool RunsAlone => true;

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number =>
    {
        var cohort = new SeededCohort(Name, number, scale.Size);
        cohort.HasOutcome.AsSpan(0, Added).Clear();
        return cohort;
    })];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        Inference[] inferences = [.. round.Cohorts.Select(cohort => new Inference(cohort, round.Noise))];
        for (var added = 0; added < Added; added++)
        {
            var newest = added;
            Question[] questions = [.. round.Cohorts.Select(cohort => new Question(cohort.Outcome, cohort.DrawMap(newest, Share)))];
            await AskAllAsync(round, questions, inferences, cancellationToken);
            Change(round, cohort => cohort.HasOutcome[newest] = true);
            await AskAllAsync(round, questions, inferences, cancellationToken);
        }

        Change(round, cohort => cohort.HasOutcome.AsSpan(0, Added).Clear());
        return Recovered.Correlation([.. inferences.Where(inference => inference.HasAnswers).SelectMany(inference => inference.About(Enumerable.Range(0, Added)))]);
    }

    private static async Task AskAllAsync(AttackRound round, Question[] questions, Inference[] inferences, CancellationToken cancellationToken)
    {
        var answers = await round.Attacker.AskAllAsync(questions, cancellationToken);
        for (var i = 0; i < questions.Length; i++)
        {
            var cohort = round.Cohorts[i];
            inferences[i].Learn(answers[i], questions[i].Maps, member => cohort.HasOutcome[member]);
        }
    }

    private static void Change(AttackRound round, Action<SeededCohort> change)
    {
        foreach (var cohort in round.Cohorts)
            change(cohort);
        round.Site.WriteOutcomes();
    }
}
