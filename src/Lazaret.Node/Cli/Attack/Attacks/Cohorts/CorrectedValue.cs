using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;
using Lazaret.SampleSite;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Asks before and after the site corrects somebody's outcome, of whom the attacker knew the wrong one: a placeholder, for one. The two answers differ by that value alone.</summary>
internal sealed class CorrectedValue : IAttack
{
    private const float Share = 0.1f;
    private const int Corrected = 3;

    public string Name => "corrected-value";

    public string Control => "C2";

    // It changes the data of all.
    public bool RunsAlone => true;

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number => new SeededCohort(Name, number, scale.Size))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        double[][] wrong = [.. round.Cohorts.Select(cohort => cohort.Values[..Corrected])];
        var pairs = new List<(double Estimate, double Truth)>();
        for (var person = 0; person < Corrected; person++)
        {
            Question[] questions = [.. round.Cohorts.Select(cohort => new Question(cohort.Outcome, cohort.DrawMap(person, Share)))];
            var before = await round.Attacker.AskAllAsync(questions, cancellationToken);
            foreach (var cohort in round.Cohorts)
                cohort.Values[person] = cohort.Random.NextNormal();
            round.Site.WriteOutcomes();
            var after = await round.Attacker.AskAllAsync(questions, cancellationToken);
            for (var i = 0; i < questions.Length; i++)
            {
                if (before[i].IsReleased && after[i].IsReleased)
                    pairs.Add((wrong[i][person] + Change(round.Cohorts[i].ScoresOf(questions[i].Maps[0]), person, before[i], after[i]), round.Cohorts[i].Values[person]));
            }
        }

        foreach (var (cohort, values) in round.Cohorts.Zip(wrong))
            values.CopyTo(cohort.Values, 0);
        round.Site.WriteOutcomes();
        return Recovered.Correlation(pairs);
    }

    /// <summary>By how many standard deviations the outcome of one person changed, where R is the mean product of scores and outcomes.</summary>
    private static double Change(double[] scores, int person, Answer before, Answer after)
    {
        var mean = scores.Average();
        var length = Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)));
        return (after.Results[0].R - before.Results[0].R) * Math.Sqrt(scores.Length) * length / (scores[person] - mean);
    }
}
