using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Store;

namespace Lazaret.Tests.Cohort.Store;

/// <summary>Rows that are not asked about and are scored with those that are.</summary>
public sealed class ScoredOthersTests : IDisposable
{
    private readonly SmallSite _site = new();

    [Theory]
    [InlineData(null)]
    [InlineData(NullModel.Degree)]
    public void Others_that_are_scored_too_change_no_score(NullModel? model)
    {
        var view = _site.Open();
        StoreIngest.Run(view, _site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(_site.Store);
        var map = new NiftiVolume(SmallSite.Grid, 1, SmallSite.RandomMap(7));
        var query = new CohortQuery { Outcome = "y", Statistic = default, Null = model, Filters = [new Filter.OneOf("dx", ["A"])] };
        var expected = new CohortAnalysis(view, store).Score(query, map, TestContext.Current.CancellationToken);
        var analysis = new CohortAnalysis(view, store) { ScoresOthersToo = true };
        var actual = analysis.Score(query, map, TestContext.Current.CancellationToken);
        Assert.Equal(view.Rows.Where((_, row) => row % 2 == 1), analysis.OthersOf(query, actual.Selection));
        Assert.Empty(analysis.OthersOf(query with { Filters = [.. query.Filters, new Filter.OneOf("visit", ["2"])] }, actual.Selection));
        Assert.Equal(expected.Scores[0], actual.Scores[0]);
        Assert.Equal(expected.Degree, actual.Degree);
    }

    public void Dispose() => _site.Dispose();
}
