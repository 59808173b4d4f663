using System.Net.Mime;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Queries;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Keys;
using Lazaret.Node.Projects;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Parts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Ask;

/// <summary>
/// What the forms on the page of a question do. A browser that runs no script gets a page with what was sent; the page's own script asks only for the words, and keeps the form with the
/// chosen file.
/// </summary>
internal static class AskActs
{
    public static async Task<Results<SeeOther, JsonHttpResult<SentQuestion>, RazorComponentResult>> SendAsync(
        HttpContext http, Requester requester, CohortAdmission admission, FrameDesk frame, CancellationToken cancellationToken)
    {
        var sent = new PageFields();
        var decision = await admission.DecideAsync(http.Request, requester, sent, makesJob: true, cancellationToken);
        var next = decision is CohortDecision.Accepted { Job: var job } ? frame.At($"{Chapter.Jobs.Path}/{job.Id}") : null;
        var faults = next is null ? FaultsOf(decision) : [];
        if (http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)))
            return TypedResults.Json(new SentQuestion(next, faults), statusCode: next is null ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status202Accepted);
        return next is null ? Page(http, StatusCodes.Status422UnprocessableEntity, sent, nameof(AskPage.Faults), faults) : new SeeOther(next);
    }

    /// <summary>Checks a question as if it were sent, and tells every mistake at once. It costs nothing.</summary>
    public static async Task<Results<JsonHttpResult<CheckedQuestion>, RazorComponentResult>> CheckAsync(HttpContext http, Requester requester, CohortAdmission admission, CancellationToken cancellationToken)
    {
        var sent = new PageFields();
        var decision = await admission.DecideAsync(http.Request, requester, sent, makesJob: false, cancellationToken);
        var found = decision is CohortDecision.Sound { Maps: var maps } ? new CheckedQuestion(maps, []) : new CheckedQuestion(0, FaultsOf(decision));
        if (!BrowserOrigin.WantsPage(http.Request))
            return TypedResults.Json(found);
        return found.Faults.Count > 0 ? Page(http, StatusCodes.Status422UnprocessableEntity, sent, nameof(AskPage.Faults), found.Faults) : Page(http, StatusCodes.Status200OK, sent, nameof(AskPage.Checked), found.Words);
    }

    private static RazorComponentResult<AskPage> Page(HttpContext http, int status, PageFields sent, string name, object value)
    {
        http.Items[typeof(PageFields)] = sent;
        return new(new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value }) { StatusCode = status, PreventStreamingRendering = true };
    }

    private static IReadOnlyList<AskFault> FaultsOf(CohortDecision decision) => decision switch
    {
        CohortDecision.Refused { Faults: var faults } => [.. faults.Select(FaultOf), .. faults.More > 0 ? [new AskFault(null, $"and {faults.More} more")] : Array.Empty<AskFault>()],
        CohortDecision.Forbidden forbidden => Plain(forbidden.Refusal.ToProblem().Detail ?? ""),
        CohortDecision.QuotaSpent { Spent: var spent } => Plain(spent.Words),
        CohortDecision.BadBody bad => Plain(bad.Refusal.ToProblem().Detail ?? ""),
        CohortDecision.NoKeys => Plain(KeyGuard.NoKeys),
        CohortDecision.NoCohort => Plain(CohortSite.NoCohort),
        CohortDecision.NoData => Plain(CohortSite.NoData),
        _ => Plain("Too many jobs wait already: try again in a minute."),
    };

    private static IReadOnlyList<AskFault> Plain(string words) => [new AskFault(null, words)];

    private static AskFault FaultOf(RequestFault fault) => new(IdOf(fault.Field), WordsOf(fault));

    private static string WordsOf(RequestFault fault) => fault switch
    {
        { Field: "map_file", Message: "is missing" } => "Map: choose one, for this analysis needs it",
        { Field: "filters", Message: OneVisit.Several } => "Who: people are here at several visits; tick the one that is meant",
        _ => Words.Fault(LabelOf(fault.Field), fault.Message),
    };

    /// <summary>The id of the part of the page by which a field of the interface is filled in.</summary>
    private static string? IdOf(string field) => field switch
    {
        "map_file" => "map",
        "filters" => "who",
        "covariates" => "held",
        ProjectHeader.Name => "project",
        _ => CohortForm.Names.Contains(field) ? field : null,
    };

    /// <summary>The label of that part: the names of the interface's fields are not on the page.</summary>
    private static string LabelOf(string field) => field switch
    {
        "form" => "The form",
        "map_file" => "Map",
        "filters" => "Who",
        "covariates" => "Held constant",
        "task" => "Analysis",
        "stat" => "Statistic",
        "cv" => "Left out by turns",
        "space" => "Template that the map lies in",
        ProjectHeader.Name => "Project",
        _ when CohortForm.Names.Contains(field) => $"{char.ToUpperInvariant(field[0])}{field[1..]}",
        _ => field,
    };
}

/// <summary>What happened to a question that was sent.</summary>
/// <param name="Next">The page of its job; null where there is none.</param>
/// <param name="Faults">Why there is no job.</param>
internal sealed record SentQuestion([property: JsonPropertyName("next")] string? Next, [property: JsonPropertyName("faults")] IReadOnlyList<AskFault> Faults);

/// <summary>The outcome of checking a question.</summary>
/// <param name="Maps">How many questions it counts as; 0 if it would not be taken.</param>
internal sealed record CheckedQuestion([property: JsonPropertyName("maps")] int Maps, [property: JsonPropertyName("faults")] IReadOnlyList<AskFault> Faults)
{
    [JsonPropertyName("words")]
    public string Words => Maps switch { 0 => "", 1 => "Nothing is wrong with it. It would be one question, and none was asked yet.", _ => $"Nothing is wrong with it. It would be {Maps} questions, one for each map, and none was asked yet." };
}
