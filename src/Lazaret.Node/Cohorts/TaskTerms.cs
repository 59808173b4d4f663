using Lazaret.Cohort;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Http;

namespace Lazaret.Node.Cohorts;

/// <summary>Which fields a task needs and which it does not take, by the site's profile too; what each may hold is the catalog's to say.</summary>
internal static class TaskTerms
{
    /// <summary>Whether a task asks about no map.</summary>
    public static bool IsWithoutMap(string task) => task is AnalysisContract.CrossValidate or AnalysisContract.OutcomeMap;

    /// <param name="parcellations">The names of the site's.</param>
    /// <param name="maps">How many the request holds.</param>
    /// <param name="isRegistered">Whether the task is an analysis that somebody else wrote.</param>
    /// <param name="isPrivate">Whether the site answers with differential privacy.</param>
    public static IEnumerable<RequestFault> FindFaults(CohortForm form, string task, IReadOnlyList<string> parcellations, int maps, bool isRegistered, bool isPrivate)
    {
        var isWithoutMap = IsWithoutMap(task);
        var (isCv, isParcelled) = (task == AnalysisContract.CrossValidate, task == AnalysisContract.OutcomeMap);
        if (isCv != form["cv"] is not null)
            yield return new RequestFault("cv", isCv ? "is missing" : $"goes with task={AnalysisContract.CrossValidate}", FoldSchemes.All);
        if (isParcelled != form["parcellation"] is not null)
            yield return new RequestFault("parcellation", isParcelled ? "is missing" : $"goes with task={AnalysisContract.OutcomeMap}", parcellations);
        if (form.Map is null != isWithoutMap)
            yield return new RequestFault("map_file", isWithoutMap ? $"{task} takes none" : "is missing");
        if (isWithoutMap && form["space"] is not null)
            yield return new RequestFault("space", $"is a map's, and {task} takes none");
        if (isPrivate && isWithoutMap)
            yield return new RequestFault("task", "this site answers with differential privacy, and its noise does not cover this task");
        if (isPrivate && form["covariates"] is not null)
            yield return new RequestFault("covariates", "this site answers with differential privacy, and takes none");
        if (isPrivate && form["null"] is not null)
            yield return new RequestFault("null", "this site answers with differential privacy: its p is that of the null with its noise already");
        if (isRegistered && form["null"] is not null)
            yield return new RequestFault("null", $"{task} takes none");
        if (maps > 1 && form["null"] == NullNames.Of(NullModel.Spatial))
            yield return new RequestFault("null", $"spatial takes one map at a time, and this holds {maps}");
    }
}
