using System.Globalization;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Programs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts.Visiting;

/// <summary>The run of a visiting analysis, in the environment of <see cref="AnalysisContract"/>: registered, or tried before it is.</summary>
internal static class VisitingRun
{
    /// <param name="id">The run's.</param>
    /// <param name="analysis">The program.</param>
    /// <param name="root">Where its image lies.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="request">What is asked, as variables tell it.</param>
    /// <param name="view">Of what it is asked.</param>
    /// <param name="query">The same question, read.</param>
    /// <param name="selection">The rows that it is to answer about.</param>
    /// <param name="map">On the site's grid.</param>
    public static SandboxRun Of(string id, Analysis analysis, string root, SandboxLimits limits, CohortRequest request, DataView view, CohortQuery query, CohortSelection selection, NiftiVolume map)
    {
        var mounts = DataAccess.Outside(view).Prepend(new ReadOnlyMount(view.Directory, SandboxPaths.Mounted.Data));
        return new SandboxRun
        {
            Id = id,
            Root = root,
            Command = analysis.Manifest.Command,
            Environment = paths => EnvironmentOf(analysis, request, paths, limits),
            Inputs = VisitingFiles.Of(view, query, selection, map),
            Output = AnalysisContract.ResultFile,
            // A path that is absolute below the view, too, must lead to its volume.
            Mounts = [.. view.HasAbsolutePaths ? mounts.Append(new ReadOnlyMount(view.Directory, view.Directory)) : mounts],
            Limits = limits,
        };
    }

    private static Dictionary<string, string> EnvironmentOf(Analysis analysis, CohortRequest request, SandboxPaths paths, SandboxLimits limits)
    {
        // Libraries of linear algebra would start a thread for each of the host's processors.
        var threads = Math.Ceiling(limits.Cpus).ToString(CultureInfo.InvariantCulture);
        return ProgramRun.Environment(
            analysis.Row,
            [
                .. request.Variables(paths),
                (AnalysisContract.MaskPath, request.Mask is null ? "" : Path.Combine(paths.Work, AnalysisContract.MaskFile)),
                (AnalysisContract.Rows, Path.Combine(paths.Work, AnalysisContract.RowsFile)),
                (AnalysisContract.Values, Path.Combine(paths.Work, AnalysisContract.ValuesFile)),
                ("OMP_NUM_THREADS", threads),
                ("OPENBLAS_NUM_THREADS", threads),
            ]);
    }
}
