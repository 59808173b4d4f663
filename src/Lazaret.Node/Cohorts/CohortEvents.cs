using System.ComponentModel.DataAnnotations;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.RateLimits;
using Lazaret.Node.Releases.Reviews;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts;

/// <summary>
/// How a cohort job stands, told as it changes. Where too many streams are open, a new one says how the job stands and closes, and its client connects again.
/// </summary>
internal sealed class CohortEvents(
    JobResults results, ReviewDesk reviews, RequesterDirectory requesters, JobSignal signal, StandingRequests standing, IHostApplicationLifetime life, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>A status that lasts is said again, before a proxy takes the connection for a dead one.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(3);

    public static async Task<Results<ServerSentEventsResult<CohortEvent>, Problem.NotFound>> ShowAsync(
        Guid id, HttpRequest request, Requester requester, CohortEvents events, CancellationToken cancellationToken)
    {
        if (await events.FindAsync(id, requester, cancellationToken) is not { } first)
            return new Problem.NotFound("job");
        // nginx would keep events back until its buffer is full.
        request.HttpContext.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(events.FollowAsync(first, requester, isOne: HttpMethods.IsHead(request.Method), cancellationToken));
    }

    /// <summary>The audit says once that an auditor reads another's job; here as where it is shown.</summary>
    private Task<JobWithResult?> FindAsync(Guid id, Requester requester, CancellationToken cancellationToken) => results.ShowAsync(id, JobKind.Cohort, requester, cancellationToken);

    private async IAsyncEnumerable<SseItem<CohortEvent>> FollowAsync(JobWithResult first, Requester requester, bool isOne, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var place = standing.TryEnter(requester.Name);
        using var waiting = signal.AwaitEnd(first.Job.Id, out var end);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, life.ApplicationStopping);
        var (began, said, status) = (time.GetTimestamp(), 0L, "");
        // A revocation ends a stream as it ends everything else.
        for (var found = first; found is not null && !await requesters.IsRevokedAsync(requester.Name, cancellationToken); found = await FindAsync(first.Job.Id, requester, cancellationToken))
        {
            var now = CohortAnswer.StatusOf(found, found.IsPublished ? null : await reviews.FindNoteAsync(found.Job, cancellationToken));
            if (now != status || time.GetElapsedTime(said) >= Again)
            {
                (status, said) = (now, time.GetTimestamp());
                yield return new SseItem<CohortEvent>(new CohortEvent(status), "status") { ReconnectionInterval = ComeAgain };
            }

            if (isOne || place is null || stopping.IsCancellationRequested || found is { IsPublished: true, Job.IsOver: true } || time.GetElapsedTime(began) >= Longest)
                yield break;
            // What is decided is told when it is shown, and not at a second's distance from the decision.
            var shown = found.Job.PublishedAt - time.GetUtcNow();
            var pause = Task.Delay(shown > TimeSpan.Zero && shown < Look ? shown.Value : Look, time, stopping.Token);
            // A job is over before its requester may see that.
            await (end.IsCompleted ? pause : Task.WhenAny(end, pause)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>How the job stands, in the words of <c>GET /jobs/{id}</c>, which has the rest.</summary>
internal sealed record CohortEvent(
    [property: JsonPropertyName("status"), AllowedValues("queued", "running", "held", "done", "blocked", "error", "cancelled")] string Status);
