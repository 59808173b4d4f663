using System.Globalization;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Node.Analyses;
using Lazaret.Node.Jobs;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts;

/// <summary>
/// A registered analysis in a sandbox, with the starter's environment: DATA_DIR, MAP_PATH, OUT_JSON, OUTCOME, MASK_NAME, STAT, FILTERS, and
/// COVARIATES. It gets the map on the site's grid, so that it need not resample.
/// </summary>
public sealed partial class AnalysisRun(AnalysisRegistry registry, ProgramRegistry images, ProgramRun programs, CohortSite site, ILogger<AnalysisRun> logger)
{
    private const string Map = "map.nii.gz";
    private const string Output = "result.json";

    /// <summary>What this machine lacks of the analyses' images.</summary>
    public Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken) => programs.FindLacksAsync(ProgramKind.Analysis, cancellationToken);

    /// <param name="claimed">A job whose task is an analysis.</param>
    /// <param name="request">What it asks.</param>
    /// <param name="map">The map as it came.</param>
    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, CohortRequest request, byte[] map, CancellationToken cancellationToken)
    {
        if (site.Read(out _) is not { } data)
            return new Preparation.NotHere(CohortSite.NoData);
        if (await registry.FindAsync(request.Task, request.Version!, cancellationToken) is not { } analysis)
            return new Preparation.Impossible("the analysis was removed from the registry");
        if (!programs.IsHere(analysis.Row))
            return new Preparation.NotHere($"the image of {analysis.Row.Name} is not on this machine");
        if (!programs.IsPinned(analysis.Row))
        {
            LogImageChanged(claimed.Job.Id, analysis.Row.Name, analysis.Row.Digest);
            return new Preparation.Impossible("the analysis' image has changed since it was registered");
        }

        if (MapPlacement.Of(NiftiVolume.Read(new MemoryStream(map)), data.View.Grid!) is not MapPlacement.Placed { Map: var placed })
            return new Preparation.Impossible("the site's grid has changed, and the map no longer meets it");
        using var onGrid = new MemoryStream();
        NiftiWriter.Write(onGrid, placed, compress: true);

        var limits = programs.Limits(analysis.Manifest);
        var mounts = DataAccess.Outside(data.View).Prepend(new ReadOnlyMount(site.Directory, SandboxPaths.Mounted.Data));
        return new Preparation.Ready(new SandboxRun
        {
            Id = claimed.Run.Id.ToString("N"),
            Root = images.Root(analysis.Row),
            Command = analysis.Manifest.Command,
            Environment = paths => EnvironmentOf(analysis, request, paths, limits),
            Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Map] = onGrid.ToArray() },
            Output = Output,
            // A path that is absolute below the view, too, must lead to its volume.
            Mounts = [.. data.View.HasAbsolutePaths ? mounts.Append(new ReadOnlyMount(site.Directory, site.Directory)) : mounts],
            Limits = limits,
        });
    }

    /// <summary>
    /// The subjects that a request asks about, counted by the node itself from the tables: an analysis' own count is held against it, for
    /// nothing else stands between a program that answers for one subject and a minimum on how many it may.
    /// </summary>
    public int? Count(CohortRequest request)
    {
        if (site.Read(out _) is not { } data)
            return null;
        var fields = new QueryFields
        {
            Outcome = request.Outcome,
            Stat = request.Stat,
            Mask = request.Mask,
            Filters = request.Filters,
            Covariates = string.Join(',', request.Covariates),
        };
        return CohortQuery.Parse(fields, data.Catalog, Asker.Requester) is QueryParse.Accepted { Query: var query }
            ? CohortSelection.Of(data.View, query).Rows.Count
            : null;
    }

    private static Dictionary<string, string> EnvironmentOf(Analysis analysis, CohortRequest request, SandboxPaths paths, SandboxLimits limits)
    {
        // Libraries of linear algebra would start a thread for each of the host's processors.
        var threads = Math.Ceiling(limits.Cpus).ToString(CultureInfo.InvariantCulture);
        return ProgramRun.Environment(
            analysis.Row,
            ("DATA_DIR", paths.Data),
            ("MAP_PATH", Path.Combine(paths.Work, Map)),
            ("OUT_JSON", Path.Combine(paths.Work, Output)),
            ("OUTCOME", request.Outcome),
            ("STAT", request.Stat),
            ("MASK_NAME", request.Mask ?? ""),
            ("FILTERS", request.Filters),
            ("COVARIATES", string.Join(',', request.Covariates)),
            ("OMP_NUM_THREADS", threads),
            ("OPENBLAS_NUM_THREADS", threads));
    }

    [LoggerMessage(LogLevel.Error, "Job {Job}: the image of {Analysis} is no longer {Digest}, as it was registered. 'lazaret analyses verify' checks them all")]
    private partial void LogImageChanged(Guid job, string analysis, string digest);
}
