using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;

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
        var tasks = (await services.GetRequiredService<AnalysisRegistry>().TasksAsync(cancellationToken)).Keys.Prepend(AnalysisContract.MapToOutcome);
        Compare("--tasks", approval.Tasks, tasks, "task");
        Compare("--scores", approval.Scores, [AnalysisContract.DotScore], "score");
        var models = (await services.GetRequiredService<ModelRegistry>().ListAsync(cancellationToken)).Select(model => model.Manifest.Key).Distinct();
        Compare("--models", approval.Models, models, "registered model");
        if (services.GetRequiredService<CohortSite>().Read(out var why) is { } data)
        {
            Compare("--outcomes", approval.Outcomes, data.View.Outcomes.Keys, "outcome of the data view");
            Compare("--masks", approval.Masks, data.View.Masks, "mask of the data view");
        }
        else if (approval.Outcomes.Count + approval.Masks.Count > 0)
        {
            warn($"outcomes and masks were not compared with the site's: {why}");
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
}
