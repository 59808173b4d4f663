using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>What a job is, in a few words.</summary>
internal static class JobWords
{
    public static string Of(JobKind kind) => kind == JobKind.Cohort ? "Map question" : "Diagnosis";

    /// <summary>Where a run took place, after the name of what kept it apart.</summary>
    public static string OfBackend(string backend) => backend switch
    {
        "process" => "as a plain process, without a sandbox",
        "microvm" => "in a virtual machine of its own",
        "gvisor" => "in the gVisor sandbox",
        "oci" => "in a container",
        _ => $"in the {backend} sandbox",
    };

    /// <summary>Why a page shows nothing that a program printed.</summary>
    /// <param name="job">The program's job.</param>
    /// <param name="days">How many days the text is stored once the job is over.</param>
    /// <param name="now">The present time.</param>
    public static string OfNoLog(Job job, int days, DateTimeOffset now) =>
        !job.IsOver && job.State != JobState.Held ? "What the program prints can be read when its run has ended."
        : job.IsOver && job.UpdatedAt.AddDays(days) <= now ? "What the program printed is not kept any more."
        : "The program printed nothing.";

    /// <summary>What is asked, and in what way.</summary>
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
