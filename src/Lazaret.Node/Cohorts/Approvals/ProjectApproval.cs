using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cohorts.Approvals;

/// <summary>Approves studies. What one is to allow is compared with what this site has: a name that is mistyped would allow nothing.</summary>
internal sealed class ProjectApproval(
    ProjectDirectory projects, AnalysisRegistry analyses, ModelRegistry models, CohortSite site, StateFolder state, DisclosureOptions disclosure)
{
    private const int MostShown = 50;

    /// <param name="approval">What the site approved.</param>
    /// <param name="found">What the caller has found wrong with it, to be told with the rest.</param>
    /// <param name="actor">Who approves it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Why outcomes and masks were not compared; null when they were.</returns>
    /// <exception cref="InputException">The site has not what it names, or <see cref="ProjectDirectory.AddAsync"/> refuses it.</exception>
    public async Task<string?> AddAsync(Approval approval, IReadOnlyList<InputFault> found, string actor, CancellationToken cancellationToken)
    {
        var names = await ListNamesAsync(cancellationToken);
        List<InputFault> faults =
        [
            .. found,
            .. Compare("tasks", approval.Tasks, names.Tasks, "task"),
            .. Compare("scores", approval.Scores, names.Scores, "score"),
            .. Compare("models", approval.Models, names.Models, "registered model"),
            .. names.Why is null ? Compare("outcomes", approval.Outcomes, names.Outcomes, "outcome of the data view") : [],
            .. names.Why is null ? Compare("masks", approval.Masks, names.Masks, "mask of the data view") : [],
        ];
        if (approval.MinimumCohort > 0 && approval.MinimumCohort < disclosure.MinimumCohort)
            faults.Add(new InputFault("minimum-cohort", $"{approval.MinimumCohort} is below the site's, which is {disclosure.MinimumCohort}"));
        await projects.AddAsync(approval, faults, actor, cancellationToken);
        return approval.Outcomes.Count + approval.Masks.Count > 0 ? names.Why : null;
    }

    /// <summary>What a study may be allowed here.</summary>
    public async Task<ApprovableNames> ListNamesAsync(CancellationToken cancellationToken)
    {
        var view = Open(out var why);
        return new ApprovableNames
        {
            Tasks = [.. AnalysisContract.BuiltIn, .. (await analyses.TasksAsync(cancellationToken)).Keys],
            Scores = ScoreNames.All,
            Models = [.. (await models.ListAsync(cancellationToken)).Select(model => model.Manifest.Key).Distinct()],
            Outcomes = view is null ? [] : [.. view.Outcomes.Keys],
            Masks = view is null ? [] : [.. view.Masks],
            Why = why,
        };
    }

    private static IEnumerable<InputFault> Compare(string option, IReadOnlyList<string> named, IReadOnlyList<string> known, string what) => named.Except(known, StringComparer.Ordinal)
        .Select(name => new InputFault(option, $"{Quoted.Text(name)} is no {what}; {(known.Count == 0 ? "there are none" : $"it may be {string.Join(", ", known.Take(MostShown).Select(one => Quoted.Bare(one)))}")}"));

    // Not by way of CohortSite, which writes the view's faults into the log: they are for 'lazaret site check'.
    private DataView? Open(out string? why)
    {
        var folder = site.Directory;
        why = folder.Length == 0 ? "Lazaret:Data:View is empty" : $"there is no data view at {folder}";
        if (!Directory.Exists(folder))
            return null;
        try
        {
            var view = DataView.Open(folder, hostDirectory: null, state.Root);
            why = view is { Unread: { } fault, Rows.Count: 0 } ? $"the data view cannot be read: {fault}" : null;
            return why is null ? view : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"the data view cannot be read: {e.Message}";
            return null;
        }
    }
}

/// <summary>The names that an approval may hold.</summary>
internal sealed record ApprovableNames
{
    public required IReadOnlyList<string> Tasks { get; init; }

    public required IReadOnlyList<string> Scores { get; init; }

    public required IReadOnlyList<string> Models { get; init; }

    public required IReadOnlyList<string> Outcomes { get; init; }

    public required IReadOnlyList<string> Masks { get; init; }

    /// <summary>Why outcomes and masks are not known; null when they are.</summary>
    public required string? Why { get; init; }
}
