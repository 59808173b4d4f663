using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>What the forms on the pages of jobs do.</summary>
internal static class JobActs
{
    /// <summary>Withdraws one of the requester's own jobs. If it is over meanwhile, its page says so.</summary>
    public static async Task<Results<SeeOther, RazorComponentResult>> CancelAsync(
        Guid id, HttpContext http, Requester requester, JobBoard board, JobQueue queue, FrameDesk frame, CancellationToken cancellationToken)
    {
        if (await board.FindAsync(id, requester, cancellationToken) is not { IsOwn: true, Job: var job })
            return ConsoleEndpoints.PageOf<JobPage>(id);
        var ended = await queue.CancelAsync(id, job.Kind, requester.Name, cancellationToken, job.Kind == JobKind.Cohort ? HeldReleases.WithdrawAsync : null);
        Notice.Keep(http, ended is { State: JobState.Cancelled } ? "You cancelled it." : "It was over already, and stays as it is.");
        return new SeeOther(frame.At($"{Chapter.Jobs.Path}/{id}"));
    }
}
