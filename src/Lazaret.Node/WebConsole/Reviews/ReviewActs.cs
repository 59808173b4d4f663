using System.Globalization;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Reviews;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Parts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Reviews;

/// <summary>What the form on the page of a held release does.</summary>
internal static class ReviewActs
{
    private const string Own = "Nobody decides about a result that they asked for themselves.";

    /// <summary>Records a steward's word, as <c>POST /v1/reviews/{id}</c> does.</summary>
    public static async Task<Results<SeeOther, RazorComponentResult>> DecideAsync(
        Guid id, HttpContext http, Requester steward, ReviewRuling ruling, FrameDesk frame, CancellationToken cancellationToken)
    {
        var form = await ConsoleForm.ReadAsync(http.Request);
        // A form sends a line break as two characters, and the browser counted it as one.
        var (decision, why) = (form["decision"].ToString(), form["why"].ToString().ReplaceLineEndings("\n").Trim());
        if (!PageQuery.TryName<ReviewVerdict>(decision, out var verdict))
            return Again("Choose one of the three.", ReviewPage.DecisionField);
        if (ReviewWord.FindFault(verdict, why) is { } wrong)
            return Again($"{Words.Fault("Why", wrong)}. Say it in at most {ReviewRuling.LongestWhy} characters.", ReviewPage.WhyField);
        DateTimeOffset? seen = DateTimeOffset.TryParse(form["assessed_at"], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null;
        return await ruling.DecideAsync(id, steward.Name, verdict, why, cancellationToken, seen) switch
        {
            ReviewOutcome.Outdated => Again(ReviewOutcome.Outdated.Words),
            ReviewOutcome.OwnRequest => Again(Own),
            ReviewOutcome.Over over => Again($"The job is {CohortAnswer.StatusOf(over.State)} already."),
            ReviewOutcome.NoSuchReview => ConsoleEndpoints.PageOf<ReviewPage>(id),
            _ => new SeeOther(frame.At($"{Chapter.Reviews.Path}/{id}")),
        };

        // The page again, with what was chosen and typed.
        RazorComponentResult Again(string fault, string at = "") =>
            new RazorComponentResult<ReviewPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Id"] = id, ["Fault"] = fault, ["FaultAt"] = at, ["Decision"] = decision, ["Why"] = why }) { StatusCode = StatusCodes.Status422UnprocessableEntity, PreventStreamingRendering = true };
    }
}
