using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Estimates;

/// <summary>What an attacker who knows all scans concludes from released correlations about the outcomes of one cohort.</summary>
/// <param name="cohort">Whose scans are known.</param>
/// <param name="noise">The standard deviation of the noise on R, times √(n − 1), as the node's profile says.</param>
internal sealed class Inference(SeededCohort cohort, double noise)
{
    private const double Step = 0.001;
    private const double ParcelStep = 0.01;

    private readonly GaussianPosterior _posterior = Start(cohort.Size);

    public bool HasAnswers { get; private set; }

    /// <summary>Takes in the answer to one map, or to each of a batch, about everybody whom <paramref name="members"/> names; nothing when it was refused.</summary>
    /// <param name="doubt">The variance of what the outcome asked for has apart from the cohort's, as a share of one.</param>
    public void Learn(Answer answer, IReadOnlyList<float[]> maps, Func<int, bool>? members = null, double doubt = 0)
    {
        foreach (var (result, map) in answer.Results.Zip(maps))
            Learn(result, cohort.ScoresOf(map), members ?? (_ => true), doubt);
    }

    /// <summary>Takes in a mean R that is Σ weights · outcomes / ‖outcomes‖ with those weights.</summary>
    public void LearnMean(double r, double[] weights)
    {
        var norm = Math.Sqrt(weights.Sum(weight => weight * weight));
        var freedom = cohort.Size - 1;
        _posterior.Observe(
            Array.ConvertAll(weights, weight => weight / norm), r * Math.Sqrt(freedom) / norm, ((ParcelStep * ParcelStep / 12 * freedom) + (noise * noise)) / (norm * norm));
        HasAnswers = true;
    }

    /// <summary>Estimates beside the truth, which the judge knows.</summary>
    public IEnumerable<(double Estimate, double Truth)> About(IEnumerable<int> subjects)
    {
        var mean = cohort.Values.Average();
        var deviation = Math.Sqrt(cohort.Values.Sum(value => (value - mean) * (value - mean)) / (cohort.Size - 1));
        return subjects.Select(subject => (_posterior.Estimate(subject), (cohort.Values[subject] - mean) / deviation));
    }

    /// <summary>Those about whom most is known, as the attacker knows it.</summary>
    public IEnumerable<int> FindMostExposed(int count) => Enumerable.Range(0, cohort.Size).OrderByDescending(_posterior.Known).Take(count);

    private void Learn(AnsweredMap result, double[] scores, Func<int, bool> members, double doubt)
    {
        var weights = new double[cohort.Size];
        int[] held = [.. Enumerable.Range(0, cohort.Size).Where(member => members(member) && double.IsFinite(scores[member]))];
        if (held.Length < 3)
            return;
        var mean = held.Average(member => scores[member]);
        var norm = Math.Sqrt(held.Sum(member => (scores[member] - mean) * (scores[member] - mean)));
        foreach (var member in held)
            weights[member] = (scores[member] - mean) / norm;
        // R = Σ weights · outcomes / ‖outcomes‖. The norm of a part of the cohort is not quite that of the whole.
        var freedom = held.Length - 1;
        var rounding = (Step * Step / 12 * freedom) + (noise * noise);
        var scale = result.R * result.R * freedom * 0.5 * ((1.0 / held.Length) - (1.0 / cohort.Size));
        _posterior.Observe(weights, result.R * Math.Sqrt(freedom), rounding + scale + doubt);
        HasAnswers = true;
    }

    // Estimates are in deviations from the cohort's mean, so their sum is zero.
    private static GaussianPosterior Start(int subjects)
    {
        var posterior = new GaussianPosterior(subjects);
        posterior.Observe([.. Enumerable.Repeat(1 / Math.Sqrt(subjects), subjects)], 0, 1e-6);
        return posterior;
    }
}
