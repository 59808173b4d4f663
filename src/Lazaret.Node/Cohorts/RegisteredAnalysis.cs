using System.Globalization;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Jobs;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts;

/// <summary>
/// A registered analysis in a sandbox, in the environment of <see cref="AnalysisContract"/>. It gets the map on the site's grid, so that it need
/// not resample.
/// </summary>
internal sealed partial class RegisteredAnalysis(
    AnalysisRegistry registry, ProgramRegistry images, ProgramRun programs, CohortSite site, VisitingGate gate, ILogger<RegisteredAnalysis> logger)
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

        if (MapPlacement.Of(NiftiVolume.Read(new MemoryStream(map)), data.View.Grid!) is not MapPlacement.Placed { Map: var placed })
            return new Preparation.Impossible("the site's grid has changed, and the map no longer meets it");
        using var onGrid = new MemoryStream();
        NiftiWriter.Write(onGrid, placed, compress: true);

        var limits = programs.Limits(analysis.Manifest);
        var mounts = DataAccess.Outside(data.View).Prepend(new ReadOnlyMount(site.Directory, SandboxPaths.Mounted.Data));
        var run = new SandboxRun
        {
            Id = claimed.Run.Id.ToString("N"),
            Root = images.Root(analysis.Row),
            Command = analysis.Manifest.Command,
            Environment = paths => EnvironmentOf(analysis, request, paths, limits),
            Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [AnalysisContract.MapFile] = onGrid.ToArray() },
            Output = AnalysisContract.ResultFile,
            // A path that is absolute below the view, too, must lead to its volume.
            Mounts = [.. data.View.HasAbsolutePaths ? mounts.Append(new ReadOnlyMount(site.Directory, site.Directory)) : mounts],
            Limits = limits,
        };
        return new Preparation.Ready(run, output => gate.Judge(output, asked, isSameData: () => ReferenceEquals(site.Read(out _), data)));
    }

    private static Dictionary<string, string> EnvironmentOf(Analysis analysis, CohortRequest request, SandboxPaths paths, SandboxLimits limits)
    {
        // Libraries of linear algebra would start a thread for each of the host's processors.
        var threads = Math.Ceiling(limits.Cpus).ToString(CultureInfo.InvariantCulture);
        return ProgramRun.Environment(analysis.Row, [.. request.Variables(paths), ("OMP_NUM_THREADS", threads), ("OPENBLAS_NUM_THREADS", threads)]);
    }

    [LoggerMessage(LogLevel.Error, "Job {Job}: the image of {Analysis} is no longer {Digest}, as it was registered. 'lazaret analyses verify' checks them all")]
    private partial void LogImageChanged(Guid job, string analysis, string digest);
}
