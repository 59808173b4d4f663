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
        if (decision is CohortDecision.Accepted { Job: var job })
            return new SeeOther(frame.At($"{Chapter.Jobs.Path}/{job.Id}"));
        string[] faults = decision switch
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
        return new RazorComponentResult<AskPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Faults"] = faults }) { StatusCode = StatusCodes.Status422UnprocessableEntity, PreventStreamingRendering = true };
    }
}
