using System.Text;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Noise;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>The questions of one run, a map each, with their answers and what those cost; nobody looked yet at what was released earlier.</summary>
internal sealed class CohortQuestions(AskedCohort asked, AskedOutcome outcome, ScoredRows scored, DisclosurePolicy policy, DisclosureOptions disclosure)
{
    // With differential privacy n is public, so that a score which is missing must not change it.
    private readonly bool _isPrivate = policy.Profile == DisclosureProfile.Dp;

    public IReadOnlyList<Question> Judge()
    {
        ScoredCohort[] cohorts = [.. scored.Scores.Select(CohortOf)];
        IReadOnlyList<JudgedAnswer> answers = [.. cohorts.Select((cohort, map) => DisclosureControl.Judge(cohort, policy, purpose => Stream(purpose, map, asked.Request.Canonical(map).Plain)))];
        if (asked.Request.IsPermuted)
        {
            var seed = PermutationControl.SeedOf(Stream("permutation", 0, asked.Request.Canonical(0).Together));
            answers = PermutationControl.Judge(cohorts, answers, policy, asked.Query.Alternative, seed, disclosure.Permutations, map => Stream("null", map, asked.Request.Canonical(map)));
        }

        return [.. answers.Select((answer, map) => Question(answer, cohorts[map], map))];
    }

    private ScoredCohort CohortOf(double[] scores)
    {
        int[] kept = [.. Enumerable.Range(0, scores.Length).Where(row => _isPrivate ? scored.Usable[row] : double.IsFinite(scores[row]))];
        var selection = asked.Selection;
        return new ScoredCohort
        {
            Statistic = asked.Query.Statistic,
            Scores = Array.ConvertAll(kept, row => scores[row]),
            Outcome = Array.ConvertAll(kept, row => selection.Outcome[row]),
            Covariates = [.. selection.Covariates.Select(column => Array.ConvertAll(kept, row => column[row]))],
            IsPermuted = asked.Request.IsPermuted,
            Blocks = selection.Blocks.Count == 0 ? [] : Array.ConvertAll(kept, row => selection.Blocks[row]),
            Subjects = Array.ConvertAll(kept, row => asked.Subjects.Of(selection.Rows[row])),
            Population = outcome.Population - Enumerable.Range(0, scores.Length).Where(row => !scored.Usable[row]).Select(row => asked.Subjects.Of(selection.Rows[row])).Distinct(StringComparer.Ordinal).Count(),
            Traits = outcome.Traits,
        };
    }

    private Question Question(JudgedAnswer answer, ScoredCohort cohort, int map)
    {
        var canonical = asked.Request.Canonical(map);
        var leaves = answer.Result is { } result
            ? JsonSerializer.SerializeToUtf8Bytes(CohortAnswerResult.Of(result, canonical, asked.Data.Version, DisclosureNote.Of(disclosure, outcome.IsDiscrete(cohort.Scores.Length, policy))))
            : [];
        return new Question(NameOf(canonical, map), asked.Data.Version, asked.Query.Outcome, cohort.Subjects, answer.Rule, answer.Rows, leaves)
        {
            Bits = answer.Bits,
            Rho = answer.Rho,
            HasRow = !_isPrivate,
            Clipped = answer.Clipped,
            Influence = answer.Influence,
        };
    }

    // Without control C0 every question is a new one.
    private string NameOf(CanonicalQuery query, int map) => query.NameOn(disclosure.Has("C0") ? asked.Data.Version : $"{asked.Data.Version}\n{asked.Job.Id}\n{map}");

    private KeyedStream Stream(string purpose, int map, CanonicalQuery query) => KeyedStream.Of(asked.Key, purpose, asked.Data.Version, Encoding.UTF8.GetBytes(NameOf(query, map)));
}
