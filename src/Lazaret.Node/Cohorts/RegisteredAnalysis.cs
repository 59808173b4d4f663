using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Cohorts.Visiting;
using Lazaret.Node.Jobs;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Cohorts;

/// <summary>
/// A registered analysis in a sandbox. It gets the map and the mask on the site's grid and the rows of the cohort, so that it need neither resample
/// nor select.
/// </summary>
internal sealed partial class RegisteredAnalysis(
    AnalysisRegistry registry, ProgramRegistry images, ProgramRun programs, CohortSite site, SiteStore store, VisitingGate gate, ILogger<RegisteredAnalysis> logger)
{
    /// <summary>What this machine lacks of the analyses' images.</summary>
    public Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken) => programs.FindLacksAsync(ProgramKind.Analysis, cancellationToken);

    /// <param name="claimed">A job whose task is an analysis.</param>
    /// <param name="asked">What it asks, and of what.</param>
    /// <param name="map">The map as it came.</param>
    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, AskedCohort asked, byte[] map, CancellationToken cancellationToken)
    {
        var (request, data) = (asked.Request, asked.Data);
        if (await registry.FindAsync(request.Task, request.Version!, cancellationToken) is not { } analysis)
            return new Preparation.Impossible("the analysis was removed from the registry");
        if (!programs.IsHere(analysis.Row))
            return new Preparation.NotHere($"the image of {analysis.Row.Name} is not on this machine");
        if (!programs.IsPinned(analysis.Row))
        {
            LogImageChanged(claimed.Job.Id, analysis.Row.Name, analysis.Row.Digest);
            return new Preparation.NotHere($"the image of {analysis.Row.Name} is not what was registered");
        }

        using var reader = NiftiReader.Open(new MemoryStream(map));
        if (MapPlacement.Read(reader, data.View.Grid!) is not MapPlacement.Placed { Map: var placed })
            return new Preparation.Impossible("the site's grid has changed, and the map no longer meets it");

        var matrix = await store.RefreshAsync(data.View, verify: false, cancellationToken);
        asked = asked with { Selection = await Task.Run(() => Select(matrix, asked, placed, cancellationToken), cancellationToken) };
        var run = VisitingRun.Of(
            claimed.Run.Id.ToString("N"), analysis, images.Root(analysis.Row), programs.Limits(analysis.Manifest), request, data.View, asked.Query, asked.Selection, placed);
        return new Preparation.Ready(run, output => gate.Judge(output, asked, isSameData: () => site.IsStill(data)))
        {
            Fail = failed => site.IsStill(data) ? gate.Untold(failed) : new RunReport.GivenBack(),
        };
    }

    private static CohortSelection Select(string? matrix, AskedCohort asked, NiftiVolume map, CancellationToken cancellationToken)
    {
        using var opened = matrix is null ? null : CohortStore.Open(matrix);
        return VisitingFiles.Select(asked.Data.View, opened, asked.Query, map, cancellationToken);
    }

    [LoggerMessage(LogLevel.Error, "Job {Job}: the image of {Analysis} is no longer {Digest}, as it was registered. 'lazaret analyses verify' checks them all")]
    private partial void LogImageChanged(Guid job, string analysis, string digest);
}
