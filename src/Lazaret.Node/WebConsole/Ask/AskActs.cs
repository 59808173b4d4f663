using System.Text.Json.Serialization;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Keys;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Ask;

/// <summary>What the page of a question does where the browser runs no script; with one, the page sends the form to <c>POST /jobs</c> and keeps what was typed.</summary>
internal static class AskActs
{
    public static async Task<Results<SeeOther, RazorComponentResult<AskPage>>> SendAsync(
        HttpContext http, Requester requester, CohortAdmission admission, FrameDesk frame, CancellationToken cancellationToken)
    {
        var decision = await admission.DecideAsync(http.Request, requester, cancellationToken);
        return decision is CohortDecision.Accepted { Job: var job } ? new SeeOther(frame.At($"{Chapter.Jobs.Path}/{job.Id}")) : Page(StatusCodes.Status422UnprocessableEntity, ("Faults", FaultsOf(decision)));
    }

    /// <summary>Looks at a question as at one that is sent: every mistake at once, for nothing.</summary>
    public static async Task<Results<JsonHttpResult<CheckedQuestion>, RazorComponentResult<AskPage>>> CheckAsync(HttpContext http, Requester requester, CohortAdmission admission, CancellationToken cancellationToken)
    {
        var decision = await admission.CheckAsync(http.Request, requester, cancellationToken);
        var found = decision is CohortDecision.Sound { Maps: var maps } ? new CheckedQuestion(maps, []) : new CheckedQuestion(0, FaultsOf(decision));
        // The page's script keeps what was chosen, and asks for the words alone.
        if (!BrowserOrigin.WantsPage(http.Request))
            return TypedResults.Json(found);
        return found.Faults.Count > 0 ? Page(StatusCodes.Status422UnprocessableEntity, ("Faults", found.Faults)) : Page(StatusCodes.Status200OK, ("Checked", found.Words));
    }

    private static RazorComponentResult<AskPage> Page(int status, (string Name, object Value) parameter) =>
        new(new Dictionary<string, object?>(StringComparer.Ordinal) { [parameter.Name] = parameter.Value }) { StatusCode = status, PreventStreamingRendering = true };

    private static IReadOnlyList<string> FaultsOf(CohortDecision decision) => decision switch
    {
        CohortDecision.Refused refused => [.. refused.Faults.Select(fault => $"{fault.Field}: {fault.Message}")],
        CohortDecision.Forbidden forbidden => [forbidden.Refusal.ToProblem().Detail ?? ""],
        CohortDecision.QuotaSpent { Spent: var spent } => [spent.Words],
        CohortDecision.BadBody bad => [bad.Refusal.ToProblem().Detail ?? ""],
        CohortDecision.NoKeys => [KeyGuard.NoKeys],
        CohortDecision.NoCohort => [CohortSite.NoCohort],
        CohortDecision.NoData => [CohortSite.NoData],
        _ => ["Too many jobs wait already: try again in a minute."],
    };
}

/// <summary>What looking at a question says.</summary>
/// <param name="Maps">How many questions it is; 0 for one that would not be taken.</param>
internal sealed record CheckedQuestion([property: JsonPropertyName("maps")] int Maps, [property: JsonPropertyName("faults")] IReadOnlyList<string> Faults)
{
    [JsonPropertyName("words")]
    public string Words => Maps switch { 0 => "", 1 => "Nothing is wrong with it. It would be one question, and none was asked yet.", _ => $"Nothing is wrong with it. It would be {Maps} questions, one for each map, and none was asked yet." };
}
