using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts;

/// <summary>The node's own analyses (<see cref="AnalysisContract.BuiltIn"/>): they are given the map as it came, where there is one, and the cohort store.</summary>
internal sealed class BuiltInAnalysis(CohortSite site, SiteStore store, GuestProgram guest, CohortGate gate, CohortOptions options, DisclosureOptions disclosure)
{
    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, AskedCohort asked, byte[] map, CancellationToken cancellationToken)
    {
        var (request, data) = (asked.Request, asked.Data);
        if (request.CanonicalMaps.Count != request.Maps)
            return new Preparation.Impossible("it was admitted by an older version of the node: send it again");
        var matrix = await store.RefreshAsync(data.View, verify: false, cancellationToken);
        if (matrix is null && !request.HasMap)
            return new Preparation.NotHere("the cohort store cannot be built");
        var run = new SandboxRun
        {
            Id = claimed.Run.Id.ToString("N"),
            Root = guest.Root,
            Command = GuestProgram.Command,
            Environment = paths => EnvironmentOf(asked, paths, matrix),
            Inputs = InputsOf(asked, map),
            Output = AnalysisContract.ScoresFile,
            Mounts = [new ReadOnlyMount(site.Directory, SandboxPaths.Mounted.Data), .. StoreOf(matrix), .. DataAccess.Outside(data.View)],
            // The program is the node's own: what of the data it reads is not told.
            Reach = [guest.Root],
            Limits = new SandboxLimits
            {
                Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
                Memory = (long)options.MemoryMiB << 20,
                Cpus = Environment.ProcessorCount,
                Output = ScoreFile.Length(data.View, asked.Selection, asked.Columns),
            },
        };
        return new Preparation.Ready(run, output => gate.Judge(output, asked, claimed.Run.StartedAt, isSameData: () => site.IsStill(data)))
        {
            Fail = failed => site.IsStill(data) ? failed : new RunReport.GivenBack(),
        };
    }

    private Dictionary<string, string> EnvironmentOf(AskedCohort asked, SandboxPaths paths, string? matrix)
    {
        var request = asked.Request;
        var environment = request.Variables(paths).ToDictionary(StringComparer.Ordinal);
        environment[AnalysisContract.DataHostDirectory] = site.Directory;
        environment[AnalysisContract.OutScores] = Path.Combine(paths.Work, AnalysisContract.ScoresFile);
        (environment[AnalysisContract.Null], environment[AnalysisContract.Within]) = (request.Null ?? "", request.Within ?? "");
        if (request.Cv is not null)
            (environment[AnalysisContract.Cv], environment[AnalysisContract.Folds]) = (request.Cv, Path.Combine(paths.Work, AnalysisContract.FoldsFile));
        if (request.Parcellation is not null)
            (environment[AnalysisContract.Parcellation], environment[AnalysisContract.ParcelVoxels]) = (request.Parcellation, disclosure.ParcelVoxels.ToString(CultureInfo.InvariantCulture));
        if (asked.Draws > 0)
        {
            environment[AnalysisContract.Draws] = asked.Draws.ToString(CultureInfo.InvariantCulture);
            environment[AnalysisContract.DrawSeed] = Convert.ToHexStringLower(CohortQuestions.DrawSeedOf(asked, disclosure));
        }

        if (matrix is not null)
            environment[AnalysisContract.CohortStore] = matrix;
        return environment;
    }

    private Dictionary<string, ReadOnlyMemory<byte>> InputsOf(AskedCohort asked, byte[] map)
    {
        var inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (asked.Request.HasMap)
            inputs[AnalysisContract.MapFile] = map;
        else if (asked.Request.Cv is not null)
            inputs[AnalysisContract.FoldsFile] = JsonSerializer.SerializeToUtf8Bytes(CohortPrediction.FoldsOf(asked.Data.View, asked.Query, asked.Selection, CohortQuestions.FoldSeedOf(asked, disclosure)));
        return inputs;
    }

    private static IEnumerable<ReadOnlyMount> StoreOf(string? matrix) =>
        Path.GetDirectoryName(matrix) is { } folder ? [new ReadOnlyMount(folder, folder)] : [];
}
