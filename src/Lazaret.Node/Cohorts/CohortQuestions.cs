using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Disclosure.Scores;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Configuration;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>The questions of one run, a map each, with their answers and what those cost; nobody looked yet at what was released earlier.</summary>
internal sealed class CohortQuestions(AskedCohort asked, AskedOutcome outcome, ScoredRows scored, DisclosurePolicy policy, DisclosureOptions disclosure)
{
    // With differential privacy n is public, so that a score which is missing must not change it.
    private readonly bool _isPrivate = policy.Profile == DisclosureProfile.Dp;

    private readonly int? _columnsShown = asked.ColumnsShown(policy);

    private readonly Dictionary<(string Outcome, string Who), double> _offsets = [];

    /// <summary>The seed of a cross-validation's folds, whatever null it is compared with; the sandbox is given only the folds.</summary>
    public static byte[] FoldSeedOf(AskedCohort asked, DisclosureOptions disclosure) => PermutationControl.SeedOf(Stream(asked, disclosure, "folds", asked.Request.Canonical(0).Plain));

    /// <summary>The seed of permutations or surrogates; those of one batch are the same. A cross-validation's follows from that of its folds, so that one digest holds both.</summary>
    public static byte[] DrawSeedOf(AskedCohort asked, DisclosureOptions disclosure) => asked.Query.Folds is not null
        ? CohortPrediction.DrawSeedOf(FoldSeedOf(asked, disclosure))
        : PermutationControl.SeedOf(Stream(asked, disclosure, "permutation", asked.Request.Canonical(0).Together));

    public IReadOnlyList<Question> Judge()
    {
        if (asked.Query.Folds is not null)
            return [JudgePredictions()];
        if (asked.Query.Parcellation is not null)
            return [JudgeParcels()];
        ScoredCohort[] cohorts = [.. scored.Scores.Take(asked.Request.Maps).Select(CohortOf)];
        IReadOnlyList<JudgedAnswer> answers = [.. cohorts.AsParallel().AsOrdered().Select(Judge)];
        if (asked.Query.Null == NullModel.Permutation)
            answers = PermutationControl.Judge(cohorts, answers, policy, asked.Query.Alternative, DrawSeedOf(asked, disclosure), disclosure.Permutations, map => NoiseOf("null", cohorts[map], map));
        else if (asked.Query.Null == NullModel.Spatial)
            answers = [JudgeSurrogates(cohorts[0], answers[0])];
        return [.. answers.Select((answer, map) => Question(answer, cohorts[map], map))];
    }

    private JudgedAnswer Judge(ScoredCohort cohort, int map)
    {
        if (Degree is null)
            return DisclosureControl.Judge(cohort, policy, purpose => NoiseOf(purpose, cohort, map));
        double[] degree = Array.ConvertAll(Kept(scored.Scores[map]), row => Degree[row]);
        return DisclosureControl.JudgeBesideDegree(cohort, degree, policy, purpose => NoiseOf(purpose, cohort, map), NoiseOf("degree", cohort, map, ScoreDigest.Of(cohort.Statistic, degree)));
    }

    /// <summary>
    /// The stream of a map's noise. It follows from what R follows from, and from nothing else: the rows, the outcome, the covariates and the scores. Not from the map: two
    /// maps that round to one code may give other scores, and with one noise the difference of their answers would be free of it. Nor from how filters were written, nor
    /// from the null: the same scores always have the same noise.
    /// </summary>
    /// <param name="also">Digests of what else it follows from.</param>
    private KeyedStream NoiseOf(string purpose, ScoredCohort cohort, int map, params string[] also)
    {
        var visits = Kept(scored.Scores[map]).Select(row => asked.Data.View.Rows[asked.Selection.Rows[row]]).Select(row => $"{row.SubjectId}\n{row.Visit}");
        string[] isNew = disclosure.Has(DisclosureControlName.C0) ? [] : [$"{asked.Job.Id}", $"{map}"];
        var context = JsonSerializer.SerializeToUtf8Bytes<string[][]>([[asked.Query.Outcome, $"{asked.Query.Statistic}"], [.. asked.Selection.CovariateNames], isNew, [ScoreDigest.Of(cohort, policy), .. also], [.. visits]]);
        return KeyedStream.Of(asked.Key, purpose, asked.Data.Version, SHA256.HashData(context));
    }

    private JudgedAnswer JudgeSurrogates(ScoredCohort cohort, JudgedAnswer answer)
    {
        var kept = Kept(scored.Scores[0]);
        double[][] surrogates = [.. scored.Scores.Skip(1).Select(scores => Array.ConvertAll(kept, row => scores[row]))];
        var digest = Convert.ToHexStringLower(SHA256.HashData(DrawSeedOf(asked, disclosure)));
        return SurrogateControl.Judge(cohort, answer, surrogates, policy, asked.Query.Alternative, digest, NoiseOf("null", cohort, map: 0));
    }

    private Question JudgePredictions()
    {
        var (cohort, kept) = (CohortOf(scored.Scores[0]), Kept(scored.Scores[0]));
        var columns = CohortPrediction.Columns(asked.Query, asked.Selection);
        double[][] reach = [.. columns == 1 ? [] : kept.Select(row => Array.ConvertAll(kept, other => scored.Scores[1 + row][other]))];
        var canonical = asked.Request.Canonical(0);
        var answer = CrossValidationControl.Judge(cohort, reach, policy, NoiseOf("noise", cohort, map: 0));
        if (asked.Query.Null == NullModel.Permutation)
        {
            double[] permuted = [.. CohortPrediction.PermutedR(asked.Selection, scored.Usable, [.. scored.Scores.Skip(columns)], asked.Query.Statistic, DrawSeedOf(asked, disclosure)).Select(r => r ?? 0)];
            answer = CrossValidationControl.JudgePermuted(cohort, answer, permuted, policy, asked.Query.Alternative, FoldDigest(), Stream("null", canonical));
        }

        return Question(answer, cohort, map: 0);
    }

    private Question JudgeParcels()
    {
        var canonical = asked.Request.Canonical(0);
        // A parcel that the site does not give has no weights; a row whose volume cannot be used has none in any parcel.
        int[] kept = [.. Enumerable.Range(0, scored.Usable.Count).Where(row => scored.Scores.Any(weights => double.IsFinite(weights[row])))];
        double[][] weights = [.. scored.Scores.Select(parcel => Array.Exists(parcel, double.IsFinite) ? Array.ConvertAll(kept, row => parcel[row]) : [])];
        var cohort = CohortOf(new double[scored.Usable.Count], kept);
        var judged = OutcomeMapControl.Judge(cohort, weights, policy, NoiseOf("noise", cohort, map: 0, [.. weights.Select(parcel => ScoreDigest.Of(asked.Query.Statistic, parcel))]));
        var leaves = judged.Rule is not null ? [] : JsonSerializer.SerializeToUtf8Bytes(new CohortAnswerResult(judged.N)
        {
            Parcels = [.. asked.Parcels.Zip(judged.Values).Where(parcel => parcel.Second is not null).Select(parcel => new ParcelValue(parcel.First.Label, parcel.First.Name, parcel.Second!.Value))],
            Query = canonical,
            DataVersion = asked.DataVersion,
            NodeVersion = NodeVersion.Current,
            Disclosure = DisclosureNote.Of(disclosure, cohort.NoiseOf(policy)),
        });
        return new Question(NameOf(canonical, 0), asked.DataVersion, asked.Query.Outcome, cohort.Subjects, judged.Rule, judged.Rows, leaves) { Values = cohort.Outcome, Discrete = DiscreteOf(cohort) };
    }

    private double[]? Degree => asked.Query.Null == NullModel.Degree ? scored.Scores[^1] : null;

    private int[] Kept(double[] scores) => _isPrivate ? [.. Enumerable.Range(0, scores.Length).Where(row => scored.Usable[row])] : CohortScores.Kept(scores, Degree);

    private ScoredCohort CohortOf(double[] scores) => CohortOf(scores, Kept(scores));

    private ScoredCohort CohortOf(double[] scores, int[] kept)
    {
        var selection = asked.Selection;
        var cohort = new ScoredCohort
        {
            Statistic = asked.Query.Statistic,
            Scores = Array.ConvertAll(kept, row => scores[row]),
            Outcome = Array.ConvertAll(kept, row => selection.Outcome[row]),
            Covariates = [.. selection.Covariates.Select(column => Array.ConvertAll(kept, row => column[row]))],
            ColumnsShown = _columnsShown,
            HasDrawnNull = asked.Request.HasDrawnNull,
            Blocks = selection.Blocks.Count == 0 ? [] : Array.ConvertAll(kept, row => selection.Blocks[row]),
            Subjects = Array.ConvertAll(kept, row => asked.Subjects.Of(selection.Rows[row])),
            Population = outcome.Population - Enumerable.Range(0, scores.Length).Where(row => !scored.Usable[row]).Select(row => asked.Subjects.Of(selection.Rows[row])).Distinct(StringComparer.Ordinal).Count(),
            Traits = outcome.Traits,
            AlsoTold = outcome.Covariates.ToDictionary(name => name, name => new CohortOutcome(outcome.TraitsOf(name), Array.ConvertAll(kept, row => asked.Data.View.Outcomes[name][selection.Rows[row]]))),
        };
        return policy.Has(DisclosureControlName.Discrete) ? Move(cohort, kept) : cohort;
    }

    /// <summary>Discrete outcomes are moved by secret numbers: the one that is asked about where it is correlated, those among the covariates here.</summary>
    private ScoredCohort Move(ScoredCohort cohort, int[] kept) => cohort with
    {
        Offsets = cohort.IsDiscrete(policy) ? OffsetsOf(asked.Query.Outcome, kept) : [],
        Covariates =
        [
            .. cohort.Covariates.Zip(asked.Selection.CovariateNames, (column, name) => cohort.AlsoTold.GetValueOrDefault(name) is { } told && told.IsDiscrete(policy.Step)
                ? DiscreteNoise.Move(column, told.Traits.StandardDeviation, cohort.NoiseOf(policy), OffsetsOf(name, kept))
                : column),
        ],
    };

    private string[] DiscreteOf(ScoredCohort cohort) =>
        [.. cohort.AlsoTold.Where(told => told.Value.IsDiscrete(policy.Step)).Select(told => told.Key).Concat(cohort.IsDiscrete(policy) ? [asked.Query.Outcome] : [])];

    /// <summary>
    /// The secret numbers of these rows. They follow from subject and outcome alone, whatever is asked of which state of the data: otherwise asking again would average
    /// them out. Half is the visit's, so that the difference of two visits does not lose them all.
    /// </summary>
    private double[] OffsetsOf(string name, int[] kept)
    {
        return Array.ConvertAll(kept, row =>
        {
            var (subject, visit) = (asked.Subjects.Of(asked.Selection.Rows[row]), asked.Data.View.Rows[asked.Selection.Rows[row]].Visit);
            return (Offset(subject) + Offset($"{subject}\n{visit}")) / Math.Sqrt(2);
        });

        double Offset(string who)
        {
            if (!_offsets.TryGetValue((name, who), out var offset))
                _offsets[(name, who)] = offset = GaussianNoise.Next(KeyedStream.Of(asked.Key, "offset", name, Encoding.UTF8.GetBytes(who)));
            return offset;
        }
    }

    private Question Question(JudgedAnswer answer, ScoredCohort cohort, int map)
    {
        var canonical = asked.Request.Canonical(map);
        var leaves = answer.Result is { } result ? JsonSerializer.SerializeToUtf8Bytes(ResultOf(result, canonical, cohort)) : [];
        return new Question(NameOf(canonical, map), asked.DataVersion, asked.Query.Outcome, cohort.Subjects, answer.Rule, answer.Rows, leaves)
        {
            Values = cohort.Outcome,
            AlsoTold = outcome.Covariates,
            AlsoValues = [.. outcome.Covariates.Select(name => cohort.AlsoTold[name].Values)],
            Discrete = DiscreteOf(cohort),
            Bits = answer.Bits,
            Rho = answer.Rho,
            HasRow = !_isPrivate && !(answer.IsUncounted && answer.Rows.Count == 0),
            IsUncounted = answer.IsUncounted,
            Clipped = answer.Clipped,
            Influence = answer.Influence,
        };
    }

    private CohortAnswerResult ResultOf(ReleasedResult result, CanonicalQuery canonical, ScoredCohort cohort)
    {
        var leaves = CohortAnswerResult.Of(result, canonical, asked.DataVersion, DisclosureNote.Of(disclosure, cohort.NoiseOf(policy)));
        return asked.Query.Folds == FoldScheme.Kfold ? leaves with { SeedDigest = FoldDigest() } : leaves;
    }

    private string FoldDigest() => Convert.ToHexStringLower(SHA256.HashData(FoldSeedOf(asked, disclosure)));

    private string NameOf(CanonicalQuery query, int map) => NameOf(asked, disclosure, map, query);

    // Without control C0 every question is a new one.
    private static string NameOf(AskedCohort asked, DisclosureOptions disclosure, int map, CanonicalQuery query) =>
        query.NameOn(disclosure.Has(DisclosureControlName.C0) ? asked.Data.Version : $"{asked.Data.Version}\n{asked.Job.Id}\n{map}");

    /// <summary>The stream of what follows from the question itself: it has no map, or all its maps share it.</summary>
    private KeyedStream Stream(string purpose, CanonicalQuery query) => Stream(asked, disclosure, purpose, query);

    private static KeyedStream Stream(AskedCohort asked, DisclosureOptions disclosure, string purpose, CanonicalQuery query) =>
        KeyedStream.Of(asked.Key, purpose, asked.Data.Version, Encoding.UTF8.GetBytes(NameOf(asked, disclosure, map: 0, query)));
}
