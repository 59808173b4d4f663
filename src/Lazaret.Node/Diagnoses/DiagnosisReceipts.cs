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
    /// <param name="id">The job.</param>
    /// <param name="requester">Whose it must be; null for anybody's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ReceiptOutcome> FindAsync(Guid id, string? requester, CancellationToken cancellationToken)
    {
        switch (await results.FindAsync(id, JobKind.Diagnosis, requester, cancellationToken))
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
            case var found:
                return new ReceiptOutcome.NotReleased(DiagnosisStatus.Of(found.Job.State));
        }
    }

    public static async Task<Results<Ok<SignedReceipt>, Problem.NotFound, Problem.Expired, Problem.Conflict, Problem.Unavailable>> ShowAsync(
        Guid id, Requester requester, DiagnosisReceipts receipts, CancellationToken cancellationToken) =>
        (await receipts.FindAsync(id, requester.SeesJobsOf, cancellationToken)).ToAnswer();
}
