using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Guest;

/// <summary>
/// The built-in analysis, run as a visiting one is: CV selects <c>cross_validate_v1</c>, PARCELLATION <c>outcome_map_v1</c>, and otherwise it is
/// <c>map_to_outcome_v1</c>. It finds everything in its environment, by the names of <see cref="AnalysisContract"/>, and answers <c>{"n":…,"R":…,"p":…}</c>, or <c>{"results":[…]}</c> for a batch, at full precision and null where undefined. With OUT_SCORES it writes the
/// scores there instead: the node itself then correlates them, for it must know what each subject adds to an answer.
/// </summary>
public static class MapToOutcome
{
    private const int Done = 0;
    private const int BadInput = 2;
    private const int Missing = 3;

    /// <summary>Returns the exit code; anything but 0 comes with one line for the operator.</summary>
    public static int Run(Func<string, string?> environment, Action<string> complain)
    {
        try
        {
            Answer(environment);
            return Done;
        }
        catch (Exception exception) when (ExitCodeOf(exception) is { } exitCode)
        {
            complain($"lazaret-guest: {exception.Message}");
            return exitCode;
        }
    }

    private static int? ExitCodeOf(Exception exception) => exception switch
    {
        GuestException { ExitCode: var exitCode } => exitCode,
        NiftiException => BadInput,
        IOException or UnauthorizedAccessException or StoreException => Missing,
        _ => null,
    };

    private static void Answer(Func<string, string?> environment)
    {
        if (Needed(environment).Where(name => environment(name) is null).ToList() is [_, ..] missing)
            throw new GuestException(Missing, $"{string.Join(", ", missing)} must be set");
        var view = DataView.Open(environment(AnalysisContract.DataDirectory)!, environment(AnalysisContract.DataHostDirectory));
        if (view.Grid is null)
            throw new GuestException(Missing, "the data view has no volume to take the grid from");
        // The node has compared the query with what its minimum shows; here everything that exists is known.
        var query = CohortQuery.Parse(FieldsOf(environment), Catalog.Of(view, minimumCohort: 0), Asker.Requester) switch
        {
            QueryParse.Accepted accepted => accepted.Query,
            QueryParse.Refused(var faults) => throw new GuestException(BadInput, string.Join("; ", faults)),
            _ => throw new InvalidOperationException("A query is either accepted or refused."),
        };
        using var store = environment(AnalysisContract.CohortStore) is { } path ? CohortStore.Open(path) : null;
        var scores = query.Folds is not null ? Predict(environment, view, store, query)
            : query.Parcellation is not null ? CohortOutcomeMap.Of(view, store!, query, CohortSelection.Of(view, query), int.Parse(environment(AnalysisContract.ParcelVoxels)!, CultureInfo.InvariantCulture), CancellationToken.None)
            : ScoreMap(environment, view, store, query);
        if (environment(AnalysisContract.OutScores) is { } file)
            File.WriteAllBytes(file, ScoreFile.Write(view, scores));
        else
            Write(environment(AnalysisContract.OutJson)!, scores.Correlate(query.Statistic));
    }

    private static string[] Needed(Func<string, string?> environment) => (environment(AnalysisContract.Cv), environment(AnalysisContract.Parcellation)) switch
    {
        (not null, _) => [AnalysisContract.DataDirectory, AnalysisContract.Folds, AnalysisContract.OutJson],
        // The mean R of parcels are the node's to find: weights alone leave the sandbox.
        (_, not null) => [AnalysisContract.DataDirectory, AnalysisContract.CohortStore, AnalysisContract.ParcelVoxels, AnalysisContract.OutScores],
        _ => [AnalysisContract.DataDirectory, AnalysisContract.MapPath, AnalysisContract.OutJson],
    };

    private static QueryFields FieldsOf(Func<string, string?> environment) => new()
    {
        Outcome = environment(AnalysisContract.Outcome),
        Score = environment(AnalysisContract.Score),
        Stat = environment(AnalysisContract.Stat),
        Mask = environment(AnalysisContract.MaskName),
        Filters = environment(AnalysisContract.Filters),
        Covariates = environment(AnalysisContract.Covariates),
        Null = environment(AnalysisContract.Null),
        Within = environment(AnalysisContract.Within),
        Cv = environment(AnalysisContract.Cv),
        Parcellation = environment(AnalysisContract.Parcellation),
    };

    private static CohortScores Predict(Func<string, string?> environment, DataView view, CohortStore? store, CohortQuery query)
    {
        if (store is null)
            throw new GuestException(Missing, "a cross-validation needs the cohort store");
        int[] folds = [.. File.ReadAllText(environment(AnalysisContract.Folds)!).Trim('[', ']').Split(',').Select(fold => int.Parse(fold, CultureInfo.InvariantCulture))];
        var selection = CohortSelection.Of(view, query);
        if (folds.Length != selection.Rows.Count)
            throw new GuestException(Missing, "the tables have changed: the folds are of other rows");
        return CohortPrediction.Of(view, store, query, selection, folds, withReach: environment(AnalysisContract.OutScores) is not null, DrawsOf(environment), CancellationToken.None);
    }

    private static CohortScores ScoreMap(Func<string, string?> environment, DataView view, CohortStore? store, CohortQuery query)
    {
        using var reader = NiftiReader.Open(environment(AnalysisContract.MapPath)!);
        var last = default(NiftiVolume);
        // The node admitted what it could place: whatever is refused here is another file.
        var maps = MapPlacement.ReadEach(reader, view.Grid!).Select(placement => last = placement switch
        {
            MapPlacement.Placed placed => placed.Map,
            MapPlacement.Refused refused => throw new NiftiException("map", refused.Reason),
            _ => throw new InvalidOperationException("A placement is either placed or refused."),
        });
        // Whether the node then gives the answer or withholds it must not be told by how long it took.
        var analysis = new CohortAnalysis(view, store) { ScoresOthersToo = environment(AnalysisContract.OutScores) is not null };
        var scores = SeriesScores.Of(analysis, query, maps, CancellationToken.None);
        return query.Null == NullModel.Spatial && DrawsOf(environment) is var (seed, count)
            ? scores with { Surrogates = Padded(SurrogateScores.Of(analysis, query, last!, seed, count, CancellationToken.None), count, scores) }
            : scores;
    }

    private static (byte[] Seed, int Count)? DrawsOf(Func<string, string?> environment) =>
        int.TryParse(environment(AnalysisContract.Draws), CultureInfo.InvariantCulture, out var count) ? (Convert.FromHexString(environment(AnalysisContract.DrawSeed) ?? ""), count) : null;

    // A map that has none is told to the node as one whose surrogates have no scores.
    private static IReadOnlyList<double[]> Padded(IReadOnlyList<double[]> surrogates, int count, CohortScores scores) =>
        surrogates.Count > 0 ? surrogates : [.. Enumerable.Range(0, count).Select(_ => Enumerable.Repeat(double.NaN, scores.Selection.Rows.Count).ToArray())];

    private static void Write(string path, IReadOnlyList<CohortResult> results)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        if (results is [var only])
        {
            Write(json, only);
            return;
        }

        json.WriteStartObject();
        json.WriteStartArray("results");
        foreach (var result in results)
            Write(json, result);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CohortResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("n", result.N);
        Write("R", result.R);
        Write("p", result.P);
        json.WriteEndObject();

        void Write(string name, double? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }
    }

    /// <summary>What ends it with one line.</summary>
    private sealed class GuestException(int exitCode, string message) : Exception(message)
    {
        public int ExitCode => exitCode;
    }
}
