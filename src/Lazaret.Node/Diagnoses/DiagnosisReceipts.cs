using System.Security.Cryptography;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Receipts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Diagnoses;

/// <summary>Receipts of diagnoses. They contain no value of a patient: data by their codes, and the answer as a digest, which proves it to whoever has it.</summary>
internal sealed class DiagnosisReceipts(JobResults results, ReceiptDesk desk)
{
    /// <summary>Anybody's, for the operator.</summary>
    public async Task<ReceiptOutcome> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await OfAsync(await results.FindAsync(id, JobKind.Diagnosis, requester: null, cancellationToken), cancellationToken);

    /// <summary>To whoever asks for it. That an auditor reads another's is in the audit, as it is of the job.</summary>
    private async Task<ReceiptOutcome> FindAsync(Guid id, Requester reader, CancellationToken cancellationToken) =>
        await OfAsync(await results.ShowAsync(id, JobKind.Diagnosis, reader, cancellationToken), cancellationToken);

    public static async Task<Results<Ok<SignedReceipt>, Problem.NotFound, Problem.Expired, Problem.Conflict, Problem.Unavailable>> ShowAsync(
        Guid id, Requester requester, DiagnosisReceipts receipts, CancellationToken cancellationToken) =>
        (await receipts.FindAsync(id, requester, cancellationToken)).ToAnswer();

    private async Task<ReceiptOutcome> OfAsync(JobWithResult? found, CancellationToken cancellationToken)
    {
        switch (found)
        {
            case null:
                return new ReceiptOutcome.NoSuchJob();
            case { HasExpired: true }:
                return new ReceiptOutcome.Expired();
            case { Result: { } result, Job: var job, Basis: var basis }:
                var request = DiagnosisRequest.Read(job.Request);
                return await desk.SignAsync(job, (receipt, detail) => receipt with
                {
                    Model = new ReceiptModel(request.Model, request.Version) { Digest = AuditDetail.Read(detail, "digest") },
                    Used = basis is null ? null : [.. NegotiationBasis.Read(basis).Used.Select(used => used.Code)],
                    ResultSha256 = Convert.ToHexStringLower(SHA256.HashData(result)),
                }, withPolicy: false, cancellationToken);
            default:
                return new ReceiptOutcome.NotReleased(DiagnosisStatus.Of(found.Job.State));
        }
    }
}
