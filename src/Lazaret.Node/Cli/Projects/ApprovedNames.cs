using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;
using Lazaret.Cohort;
using Lazaret.Cohort.Scores;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cli.Projects;

/// <summary>Compares what a project is to allow with what this site has. A name that is mistyped would allow nothing.</summary>
internal static class ApprovedNames
{
    private const int MostShown = 50;

    /// <summary>What the site does not have, a line each.</summary>
    /// <param name="services">The node's.</param>
    /// <param name="approval">What a project is to allow.</param>
    /// <param name="warn">Is told what could not be compared.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<List<string>> FindFaultsAsync(IServiceProvider services, Approval approval, Action<string> warn, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        var tasks = (await services.GetRequiredService<AnalysisRegistry>().TasksAsync(cancellationToken)).Keys.Concat(AnalysisContract.BuiltIn);
        Compare("--tasks", approval.Tasks, tasks, "task");
        Compare("--scores", approval.Scores, ScoreNames.All, "score");
        var models = (await services.GetRequiredService<ModelRegistry>().ListAsync(cancellationToken)).Select(model => model.Manifest.Key).Distinct();
        Compare("--models", approval.Models, models, "registered model");
        if (approval.Outcomes.Count + approval.Masks.Count > 0)
        {
            if (Open(services, out var why) is { } view)
            {
                Compare("--outcomes", approval.Outcomes, view.Outcomes.Keys, "outcome of the data view");
                Compare("--masks", approval.Masks, view.Masks, "mask of the data view");
            }
            else
            {
                warn($"outcomes and masks were not compared with the site's: {why}");
            }
        }

        var minimum = services.GetRequiredService<DisclosureOptions>().MinimumCohort;
        if (approval.MinimumCohort > 0 && approval.MinimumCohort < minimum)
            faults.Add($"--minimum-cohort: {approval.MinimumCohort} is below the site's, which is {minimum}");
        return faults;

        void Compare(string option, IReadOnlyList<string> named, IEnumerable<string> known, string what)
        {
            var all = known.ToList();
            foreach (var name in named.Except(all, StringComparer.Ordinal))
                faults.Add($"{option}: {Quoted.Text(name)} is no {what}; {(all.Count == 0 ? "there are none" : $"it may be {string.Join(", ", all.Take(MostShown).Select(one => Quoted.Bare(one)))}")}");
        }
    }

    // Not by way of CohortSite, which writes the view's faults into the log: they are for 'lazaret site check'.
    private static DataView? Open(IServiceProvider services, out string why)
    {
        var folder = services.GetRequiredService<CohortSite>().Directory;
        why = folder.Length == 0 ? "Lazaret:Data:View is empty" : $"there is no data view at {folder}";
        if (!Directory.Exists(folder))
            return null;
        try
        {
            var view = DataView.Open(folder, hostDirectory: null, services.GetRequiredService<StateFolder>().Root);
            why = view is { Unread: { } fault, Rows.Count: 0 } ? $"the data view cannot be read: {fault}" : "";
            return why.Length == 0 ? view : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"the data view cannot be read: {e.Message}";
            return null;
        }
    }
}
