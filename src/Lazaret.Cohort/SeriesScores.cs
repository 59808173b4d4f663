using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;

namespace Lazaret.Cohort;

/// <summary>Scores of the maps of a file, some at a time, so that few of them are in memory together.</summary>
public static class SeriesScores
{
    /// <summary>Maps that share one pass over the cohort.</summary>
    private const int AtATime = 16;

    /// <param name="maps">Each on the view's grid.</param>
    public static CohortScores Of(CohortAnalysis analysis, CohortQuery query, IEnumerable<NiftiVolume> maps, CancellationToken cancellationToken)
    {
        CohortScores? all = null;
        foreach (var some in maps.Chunk(AtATime))
        {
            // The mean map of the cohort is scored once.
            var asked = all is not null && query.Null == NullModel.Degree ? query with { Null = null } : query;
            var scores = analysis.Score(asked, NiftiVolume.Series(some), cancellationToken);
            all = all is null ? scores : all with { Scores = [.. all.Scores, .. scores.Scores] };
        }

        return all ?? throw new ArgumentException("There is no map.", nameof(maps));
    }
}
