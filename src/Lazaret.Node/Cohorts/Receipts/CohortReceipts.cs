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
    /// <summary>Anybody's, for the operator.</summary>
    public async Task<ReceiptOutcome> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await OfAsync(await results.FindAsync(id, JobKind.Cohort, requester: null, cancellationToken), cancellationToken);

    /// <summary>To whoever asks for it. That an auditor reads another's is in the audit, as it is of the job: a receipt says what was released.</summary>
    private async Task<ReceiptOutcome> FindAsync(Guid id, Requester reader, CancellationToken cancellationToken) =>
        await OfAsync(await results.ShowAsync(id, JobKind.Cohort, reader, cancellationToken), cancellationToken);

    public static async Task<Results<Ok<SignedReceipt>, Problem.NotFound, Problem.Expired, Problem.Conflict, Problem.Unavailable>> ShowAsync(
        Guid id, Requester requester, CohortReceipts receipts, CancellationToken cancellationToken) =>
        (await receipts.FindAsync(id, requester, cancellationToken)).ToAnswer();

    private async Task<ReceiptOutcome> OfAsync(JobWithResult? found, CancellationToken cancellationToken) => found switch
    {
        null => new ReceiptOutcome.NoSuchJob(),
        { HasExpired: true } => new ReceiptOutcome.Expired(),
        { Result: { } result, Job: var job } =>
            await desk.SignAsync(job, (receipt, _) => About(receipt, CohortRequest.Read(job.Request), JsonSerializer.Deserialize<CohortAnswerResult[]>(result)!), withPolicy: true, cancellationToken),
        _ => new ReceiptOutcome.NotReleased(CohortAnswer.StatusOf(found.IsPublished ? found.Job.State : JobState.Running)),
    };

    private static Receipt About(Receipt receipt, CohortRequest request, CohortAnswerResult[] answers) => receipt with
    {
        MapSha256 = request.MapSha256.Length > 0 ? request.MapSha256 : null,
        DataVersion = answers[0].DataVersion,
        Results = [.. answers.Select(answer => JsonSerializer.SerializeToElement(answer with { DataVersion = null }))],
    };
}
