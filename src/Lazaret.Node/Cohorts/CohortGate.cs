using System.Text.Json;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Cohorts;

/// <summary>Reads what an analysis answered, and lets disclosure control decide what of it leaves.</summary>
internal sealed class CohortGate(DisclosureOptions disclosure)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <param name="output">What it wrote.</param>
    /// <param name="maps">How many results there must be.</param>
    /// <param name="project">The job's project, whose smallest cohort holds where it is larger than the site's.</param>
    public RunReport Judge(ReadOnlyMemory<byte> output, int maps, Project? project) => Read(output, maps) is { } results
        ? Judge(results, project)
        : new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer n, R and p");

    /// <summary>
    /// Like the method above, for a program that the node did not write. Its n must be the node's own count: otherwise a program could answer
    /// about one subject and claim a cohort above the minimum.
    /// </summary>
    /// <param name="output">What it wrote.</param>
    /// <param name="project">The job's project.</param>
    /// <param name="count">How many subjects the query selects.</param>
    /// <param name="isSameData">Whether the data is still what was counted; asked when the two differ.</param>
    public RunReport Judge(ReadOnlyMemory<byte> output, Project? project, int? count, Func<bool> isSameData)
    {
        if (Read(output, maps: 1) is not { } results)
            return new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer n, R and p");
        if (results[0].N == count)
            return Judge(results, project);
        // Tables that were edited while it ran make an honest program count differently: another attempt sees one state of them.
        return isSameData()
            ? new RunReport.Blocked(new AuditDetail { ["rule"] = "ClaimedCohort", ["profile"] = disclosure.Profile })
            : new RunReport.HostFault("the data changed while the analysis ran");
    }

    private RunReport Judge(List<AnalysisResult> results, Project? project)
    {
        var detail = new AuditDetail { ["profile"] = disclosure.Profile, ["n"] = results.Select(result => result.N).ToArray() };
        return DisclosureControl.Judge(disclosure.PolicyOf(project), results) switch
        {
            Verdict.Release release => new RunReport.Released(CohortAnswerResult.Write(release.Results), detail),
            Verdict.Block block => new RunReport.Blocked(new AuditDetail { ["rule"] = block.Rule, ["profile"] = disclosure.Profile, ["n"] = detail["n"] }),
            var verdict => throw new InvalidOperationException($"unknown verdict {verdict.GetType().Name}"),
        };
    }

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
