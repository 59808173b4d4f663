using System.Text.Json;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts;

/// <summary>An analysis in a sandbox, beside the data view: <c>map.nii.gz</c> in, n, R and p out. A registered one is laid out by <see cref="AnalysisRun"/>.</summary>
public sealed class CohortProcedure(CohortSite site, SiteStore store, GuestProgram guest, AnalysisRun analyses, CohortOptions options, DisclosureOptions disclosure) : IJobProcedure
{
    private const string Map = "map.nii.gz";
    private const string Output = "result.json";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public JobKind Kind => JobKind.Cohort;

    public async Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken)
    {
        var lacks = new List<Lack>(await analyses.FindLacksAsync(cancellationToken));
        if (site.Read(out var why) is null)
            lacks.Add(new Lack("data", why, Kind) { IsWanted = !site.IsUnused });
        if (guest.Fault() is { } fault)
            lacks.Add(new Lack("guest", fault, Kind, CohortAdmission.MapToOutcome));
        return lacks;
    }

    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken)
    {
        var request = CohortRequest.Read(claimed.Job.Request);
        if (request.Version is not null)
            return await analyses.PrepareAsync(claimed, request, input, cancellationToken);
        if (site.Read(out _) is not { } data)
            return new Preparation.NotHere(CohortSite.NoData);
        var matrix = await store.RefreshAsync(data.View, verify: false, cancellationToken);
        return new Preparation.Ready(new SandboxRun
        {
            Id = claimed.Run.Id.ToString("N"),
            Root = guest.Root,
            Command = GuestProgram.Command,
            Environment = paths => EnvironmentOf(request, paths, matrix),
            Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Map] = input },
            Output = Output,
            Mounts = [new ReadOnlyMount(site.Directory, SandboxPaths.Mounted.Data), .. StoreOf(matrix), .. DataAccess.Outside(data.View)],
            // The program is the node's own, and reads no more of the data than it was asked about.
            Reach = [guest.Root],
            Limits = new SandboxLimits
            {
                Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
                Memory = (long)options.MemoryMiB << 20,
                Cpus = Environment.ProcessorCount,
            },
        });
    }

    public Task<RunReport> ConcludeAsync(ClaimedJob claimed, ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        var request = CohortRequest.Read(claimed.Job.Request);
        if (Read(output, request.Maps) is not { } results)
            return Task.FromResult<RunReport>(new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer n, R and p"));
        if (request.Version is not null && analyses.Count(request) != results[0].N)
            return Task.FromResult<RunReport>(new RunReport.Blocked(new AuditDetail { ["rule"] = "ClaimedCohort", ["profile"] = disclosure.Profile }));
        var detail = new AuditDetail { ["profile"] = disclosure.Profile, ["n"] = results.Select(result => result.N).ToArray() };
        RunReport report = DisclosureControl.Judge(disclosure.Policy, results) switch
        {
            Verdict.Release release => new RunReport.Released(CohortJobResult.Write(release.Results), detail),
            Verdict.Block block => new RunReport.Blocked(new AuditDetail { ["rule"] = block.Rule, ["profile"] = disclosure.Profile, ["n"] = detail["n"] }),
            var verdict => throw new InvalidOperationException($"unknown verdict {verdict.GetType().Name}"),
        };
        return Task.FromResult(report);
    }

    private Dictionary<string, string> EnvironmentOf(CohortRequest request, SandboxPaths paths, string? matrix)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATA_DIR"] = paths.Data,
            ["DATA_HOST_DIR"] = site.Directory,
            ["MAP_PATH"] = Path.Combine(paths.Work, Map),
            ["OUT_JSON"] = Path.Combine(paths.Work, Output),
            ["OUTCOME"] = request.Outcome,
            ["STAT"] = request.Stat,
            ["MASK_NAME"] = request.Mask ?? "",
            ["FILTERS"] = request.Filters,
            ["COVARIATES"] = string.Join(',', request.Covariates),
        };
        if (matrix is not null)
            environment["COHORT_STORE"] = matrix;
        return environment;
    }

    private static IEnumerable<ReadOnlyMount> StoreOf(string? matrix) =>
        Path.GetDirectoryName(matrix) is { } folder ? [new ReadOnlyMount(folder, folder)] : [];

    // {"n","R","p"}, or {"results":[…]} for a batch. Whatever else the analysis wrote is dropped.
    private static List<AnalysisResult>? Read(ReadOnlyMemory<byte> output, int maps)
    {
        try
        {
            using var document = JsonDocument.Parse(output, Strict);
            var root = document.RootElement;
            IEnumerable<JsonElement> items = maps > 1 ? root.GetProperty("results").EnumerateArray() : [root];
            var results = items.Select(Read).ToList();
            return results.Count == maps && results.TrueForAll(IsSound) ? results : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static AnalysisResult Read(JsonElement item) => new(item.GetProperty("n").GetInt32(), Number(item, "R"), Number(item, "p"));

    private static double? Number(JsonElement item, string name) =>
        item.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.GetDouble() : null;

    private static bool IsSound(AnalysisResult result) =>
        result.N >= 0 && result.R is null == result.P is null && result.R is null or (>= -1 and <= 1) && result.P is null or (>= 0 and <= 1);
}
