using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Receipts;

/// <summary>Receipts of one kind of job.</summary>
internal abstract class JobReceipts(JobResults results, JobKind kind)
{
    /// <summary>Anybody's, for the operator.</summary>
    public async Task<ReceiptOutcome> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await OfAsync(await results.FindAsync(id, kind, requester: null, cancellationToken), cancellationToken);

    /// <summary>To whoever asks for it. That an auditor reads another's is in the audit, as it is of the job: a receipt says what was released.</summary>
    public static async Task<Results<Ok<SignedReceipt>, Problem.NotFound, Problem.Expired, Problem.Conflict, Problem.Unavailable>> ShowAsync<T>(
        Guid id, Requester requester, T receipts, CancellationToken cancellationToken)
        where T : JobReceipts => (await receipts.FindAsync(id, requester, cancellationToken)).ToAnswer();

    /// <summary>The receipt of a job whose result was released.</summary>
    protected abstract Task<ReceiptOutcome> SignAsync(Job job, byte[] result, byte[]? basis, CancellationToken cancellationToken);

    /// <summary>The state in the words of this kind of job.</summary>
    protected abstract string StatusOf(JobState state);

    private async Task<ReceiptOutcome> FindAsync(Guid id, Requester reader, CancellationToken cancellationToken) =>
        await OfAsync(await results.ShowAsync(id, kind, reader, cancellationToken), cancellationToken);

    private async Task<ReceiptOutcome> OfAsync(JobWithResult? found, CancellationToken cancellationToken) => found switch
    {
        null => new ReceiptOutcome.NoSuchJob(),
        { HasExpired: true } => new ReceiptOutcome.Expired(),
        { Result: { } result } => await SignAsync(found.Job, result, found.Basis, cancellationToken),
        // What is done but not published yet is told as if it ran.
        _ => new ReceiptOutcome.NotReleased(StatusOf(found.IsPublished ? found.Job.State : JobState.Running)),
    };
}
