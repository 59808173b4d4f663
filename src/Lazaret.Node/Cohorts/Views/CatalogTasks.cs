using Lazaret.Cohort;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Analyses;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>The analyses that may be asked for.</summary>
internal sealed class CatalogTasks(AnalysisRegistry analyses, DisclosureOptions disclosure)
{
    /// <summary>Those that are built in, as the site's profile and data have them, and those that are registered.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        var isPrivate = disclosure.Profile == "dp";
        return
        [
            AnalysisContract.MapToOutcome,
            .. isPrivate ? (string[])[] : [AnalysisContract.CrossValidate],
            .. isPrivate || catalog.Parcellations.Count == 0 ? (string[])[] : [AnalysisContract.OutcomeMap],
            .. (await analyses.TasksAsync(cancellationToken)).Keys,
        ];
    }
}
