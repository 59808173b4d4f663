using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Identity;
using Lazaret.Node.WebConsole.Parts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>What the form on the page of ledger and audit does.</summary>
internal static class LedgerActs
{
    // A verification reads the whole audit: one at a time is enough.
    private static readonly SemaphoreSlim Turn = new(1);

    /// <summary>Verifies the audit's chain from its first link, as <c>lazaret audit verify</c> does.</summary>
    public static async Task<RazorComponentResult> VerifyAsync(Requester reader, ChainVerification verification, AuditLog audit, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            var report = await verification.RunAsync(1, given: null, cancellationToken);
            await audit.WriteAsync(AuditAction.AuditRead, reader.Name, new() { ["format"] = AuditBoard.Verification, ["ok"] = report.Ok }, cancellationToken);
            var lines = report.Ok
                ? new[] { $"{(report.Links == 1 ? "The only entry is" : $"All {Words.Count(report.Links)} entries are")} unchanged. {(report.Checkpoints == 0 ? "None is signed yet." : $"{Words.Of(report.Checkpoints, "signature")}; the last covers entries up to link {Words.Count(report.SignedTo)}.")}" }
                : [.. report.Faults.Select(fault => fault.Why)];
            return new RazorComponentResult<LedgerPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Verified"] = report.Ok, ["Report"] = lines }) { PreventStreamingRendering = true };
        }
        finally
        {
            Turn.Release();
        }
    }
}
