using Lazaret.Cohort;
using Lazaret.Cohort.Queries;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Http;

namespace Lazaret.Node.Cohorts;

/// <summary>Which fields a task needs and which it does not take, by the site's profile too; what each may hold is the catalog's to say.</summary>
internal static class TaskTerms
{
    /// <summary>Whether a task asks about no map.</summary>
    public static bool IsWithoutMap(string task) => QuestionOf(task) != Question.Map;

    /// <summary>What a task asks, which decides on the other fields.</summary>
    public static Question QuestionOf(string? task) => task switch
    {
        AnalysisContract.CrossValidate => Question.CrossValidation,
        AnalysisContract.OutcomeMap => Question.OutcomeMap,
        _ => Question.Map,
    };

    /// <summary>At most one a field.</summary>
    /// <param name="isRegistered">Whether the task is an analysis that somebody else wrote.</param>
    /// <param name="isPrivate">Whether the site answers with differential privacy.</param>
    public static IEnumerable<RequestFault> FindFaults(CohortForm form, string task, bool isRegistered, bool isPrivate)
    {
        var isWithoutMap = IsWithoutMap(task);
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
        else if (isRegistered && form["null"] is not null)
            yield return new RequestFault("null", $"{task} takes none");
    }
}
