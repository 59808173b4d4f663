using System.Text.Json;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Receipts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts.Receipts;

/// <summary>Receipts of cohort jobs.</summary>
internal sealed class CohortReceipts(JobResults results, ReceiptDesk desk)
{
    /// <param name="id">The job.</param>
    /// <param name="requester">Whose it must be; null for anybody's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ReceiptOutcome> FindAsync(Guid id, string? requester, CancellationToken cancellationToken)
    {
        switch (await results.FindAsync(id, JobKind.Cohort, requester, cancellationToken))
        {
            case null:
                return new ReceiptOutcome.NoSuchJob();
            case { HasExpired: true }:
                return new ReceiptOutcome.Expired();
            case { Result: { } result, Job: var job }:
                return await desk.SignAsync(job, (receipt, _) => About(receipt, CohortRequest.Read(job.Request), JsonSerializer.Deserialize<CohortAnswerResult[]>(result)!), withPolicy: true, cancellationToken);
            case var found:
                return new ReceiptOutcome.NotReleased(CohortAnswer.StatusOf(found.IsPublished ? found.Job.State : JobState.Running));
        }
    }

    public static async Task<Results<Ok<SignedReceipt>, Problem.NotFound, Problem.Expired, Problem.Conflict, Problem.Unavailable>> ShowAsync(
        Guid id, Requester requester, CohortReceipts receipts, CancellationToken cancellationToken) =>
        (await receipts.FindAsync(id, requester.SeesJobsOf, cancellationToken)).ToAnswer();

    private static Receipt About(Receipt receipt, CohortRequest request, CohortAnswerResult[] answers) => receipt with
    {
        MapSha256 = request.MapSha256.Length > 0 ? request.MapSha256 : null,
        DataVersion = answers[0].DataVersion,
        Results = [.. answers.Select(answer => JsonSerializer.SerializeToElement(answer with { DataVersion = null }))],
    };
}
