using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Disclosure;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Cohorts;

/// <summary>What a requester is told about a cohort job that is over.</summary>
internal static class CohortAnswer
{
    /// <summary>The released results, as they are stored: <c>[{"n","R","p"}…]</c>, R and p with three decimals.</summary>
    public static byte[] Write(IReadOnlyList<ReleasedResult> results) => JsonSerializer.SerializeToUtf8Bytes(
        results.Select(result => new JsonObject { ["n"] = result.N, ["R"] = result.R, ["p"] = result.P }).ToArray());

    public static async Task<JsonObject> DoneAsync(LazaretDb db, Job job, string site, CancellationToken cancellationToken)
    {
        var content = await db.Payloads
            .Where(payload => payload.JobId == job.Id && payload.Name == PayloadName.Result)
            .Select(payload => payload.Content)
            .SingleAsync(cancellationToken);
        var request = CohortRequest.Read(job.Request);
        var answer = new JsonObject { ["status"] = "done", ["site"] = site, ["outcome"] = request.Outcome };
        var results = JsonNode.Parse(content)!.AsArray();
        if (request.Maps > 1)
            answer["results"] = results.DeepClone();
        else
            foreach (var (name, value) in results[0]!.AsObject())
                answer[name] = value!.DeepClone();
        return answer;
    }

    /// <summary>One body for every cause: which rule it was would say something about the cohort. The steward finds it by the reference.</summary>
    public static JsonObject Blocked(Job job) => new() { ["status"] = "blocked", ["code"] = "DISCLOSURE_CONTROL", ["ref"] = job.Id };
}
