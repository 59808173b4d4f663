using System.Text.Json;
using Lazaret.Node.Audit;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>What the audit says of a request: all of these values are in the catalog, so that none is about one subject.</summary>
internal static class RequestDetail
{
    public static AuditDetail Of(CohortRequest request) => new()
    {
        ["task"] = request.Version is null ? request.Task : $"{request.Task}@{request.Version}",
        ["outcome"] = request.Outcome,
        ["score"] = request.Score,
        ["stat"] = request.Stat,
        ["alternative"] = request.Alternative,
        ["mask"] = request.Mask,
        ["filters"] = JsonSerializer.Deserialize<JsonElement>(request.Filters),
        ["covariates"] = request.Covariates,
        ["null"] = request.Null,
        ["cv"] = request.Cv,
        ["parcellation"] = request.Parcellation,
        ["within"] = request.Within,
        ["maps"] = request.Maps,
    };
}
