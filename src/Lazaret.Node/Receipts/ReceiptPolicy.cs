using System.Text.Json;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Receipts;

/// <summary>The disclosure policy at the time of a release, as the audit has it. Whose results a steward must see is no requester's business, and left out.</summary>
internal static class ReceiptPolicy
{
    private static readonly string[] Shown = ["profile", "off", "minimum_cohort", "ledger", "site_limit", "when_spent", "limits", "noise", "decimals"];

    /// <summary>Null where the audit has none, as before the first start of a node that writes it.</summary>
    public static async Task<JsonElement?> FindAsync(LazaretDb db, long before, CancellationToken cancellationToken)
    {
        var detail = await db.Audit.AsNoTracking().Where(entry => entry.Action == AuditAction.PolicyChanged && entry.Sequence < before)
            .OrderByDescending(entry => entry.Sequence).Select(entry => entry.Detail).FirstOrDefaultAsync(cancellationToken);
        if (detail is null)
            return null;
        var policy = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(detail)!;
        return JsonSerializer.SerializeToElement(Shown.Where(policy.ContainsKey).ToDictionary(name => name, name => policy[name], StringComparer.Ordinal));
    }
}
