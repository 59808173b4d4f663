using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks;

/// <summary>An attack on single subjects' outcomes, measured by the correlation of estimates and truth, pooled over seeded sites.</summary>
internal abstract class OutcomeAttack : IAttack
{
    protected const int TargetsEach = ScanLayout.Blocks;

    public abstract string Name { get; }

    public abstract string Control { get; }

    public virtual IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number => Draw(scale, number))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var found = new List<(double Estimate, double Truth)>();
        foreach (var cohort in round.Cohorts)
        {
            var inference = new Inference(cohort, round.Noise);
            await AskAsync(round, cohort, inference, cancellationToken);
            if (inference.HasAnswers)
                found.AddRange(inference.About(FindTargets(cohort, inference)));
        }

        return Recovered.Correlation(found);
    }

    protected virtual SeededCohort Draw(AttackScale scale, int number) => new(Name, number, scale.Size);

    /// <summary>Asks about one cohort, and learns from the answers.</summary>
    protected abstract Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken);

    /// <summary>Whom the attack is about: the first few, who are like all others.</summary>
    protected virtual IEnumerable<int> FindTargets(SeededCohort cohort, Inference inference) => Enumerable.Range(0, TargetsEach);
}
