using System.Text.Json;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.Receipts;

namespace Lazaret.Node.Cohorts.Receipts;

/// <summary>Receipts of cohort jobs.</summary>
internal sealed class CohortReceipts(JobResults results, ReceiptDesk desk) : JobReceipts(results, JobKind.Cohort)
{
    protected override Task<ReceiptOutcome> SignAsync(Job job, byte[] result, byte[]? basis, CancellationToken cancellationToken) => desk.SignAsync(
        job, (receipt, _) => About(receipt, CohortRequest.Read(job.Request), JsonSerializer.Deserialize<CohortAnswerResult[]>(result)!), withPolicy: true, cancellationToken);

    protected override string StatusOf(JobState state) => CohortAnswer.StatusOf(state);

    private static Receipt About(Receipt receipt, CohortRequest request, CohortAnswerResult[] answers) => receipt with
    {
        MapSha256 = request.MapSha256.Length > 0 ? request.MapSha256 : null,
        DataVersion = answers[0].DataVersion,
        Results = [.. answers.Select(answer => JsonSerializer.SerializeToElement(answer with { DataVersion = null }))],
    };
}
