using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>What a job is, in a few words.</summary>
internal static class JobWords
{
    public static string Of(JobKind kind) => kind == JobKind.Cohort ? "Map question" : "Diagnosis";

    /// <summary>What is asked, and beside it how.</summary>
    public static (string What, string How) Of(Job job)
    {
        if (job.Kind != JobKind.Cohort)
            return (job.Program ?? "a model", "diagnosis");
        var request = CohortRequest.Read(job.Request);
        if (!request.HasMap)
            return ($"{(request.Cv is null ? "R-map" : "Prediction")} of {request.Outcome}", $"{request.Cv ?? request.Parcellation}, {request.Stat}");
        return ($"{(request.Maps == 1 ? "1 map" : $"{Words.Count(request.Maps)} maps")} on {request.Outcome}", $"{(request.Version is null ? request.Score : $"{request.Task}@{request.Version}")}, {request.Stat}");
    }
}
