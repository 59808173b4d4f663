using System.Security.Cryptography;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Receipts;

namespace Lazaret.Node.Diagnoses;

/// <summary>Receipts of diagnoses. They contain no value of a patient: data by their codes, and the answer as a digest, which proves it to whoever has it.</summary>
internal sealed class DiagnosisReceipts(JobResults results, ReceiptDesk desk) : JobReceipts(results, JobKind.Diagnosis)
{
    protected override Task<ReceiptOutcome> SignAsync(Job job, byte[] result, byte[]? basis, CancellationToken cancellationToken)
    {
        var request = DiagnosisRequest.Read(job.Request);
        return desk.SignAsync(job, (receipt, detail) => receipt with
        {
            Model = new ReceiptModel(request.Model, request.Version) { Digest = AuditDetail.Read(detail, "digest") },
            Used = basis is null ? null : [.. NegotiationBasis.Read(basis).Used.Select(used => used.Code)],
            ResultSha256 = Convert.ToHexStringLower(SHA256.HashData(result)),
        }, withPolicy: false, cancellationToken);
    }

    protected override string StatusOf(JobState state) => DiagnosisStatus.Of(state);
}
