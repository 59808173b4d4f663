using System.Text.Json;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Configuration;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Lazaret.Node.Receipts;

/// <summary>Signs receipts, by the key of this state folder.</summary>
internal sealed class ReceiptDesk(IDbContextFactory<LazaretDb> databases, SigningKeyFile keys, SiteOptions site)
{
    /// <summary>What the header says it is.</summary>
    public const string Type = "lazaret-receipt+json";

    // It would add times of its own.
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <param name="job">A job whose result was released.</param>
    /// <param name="about">Adds what its kind of job says of it; it also gets the detail of the audit's entry.</param>
    /// <param name="withPolicy">Whether the disclosure policy stood before the result.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ReceiptOutcome> SignAsync(Job job, Func<Receipt, string, Receipt> about, bool withPolicy, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var entry = await db.Audit.AsNoTracking().Where(entry => entry.JobId == job.Id && entry.Action == AuditAction.ResultReleased)
            .Join(db.AuditChain, entry => entry.Sequence, link => link.Sequence, (entry, link) => new { link.Sequence, link.Number, link.Hash, entry.Detail }).FirstOrDefaultAsync(cancellationToken);
        if (entry is null || keys.Find() is not { } key)
            return new ReceiptOutcome.NotLinked();
        var receipt = about(new Receipt
        {
            Kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(job.Kind.ToString()),
            JobId = job.Id,
            Site = site.Name,
            NodeVersion = NodeVersion.Current,
            Requester = job.Requester,
            Project = job.Project,
            AdmittedAt = job.CreatedAt,
            // Not when it was decided: how long a decision took is nobody's business.
            ReleasedAt = job.PublishedAt ?? job.UpdatedAt,
            Policy = withPolicy ? await ReceiptPolicy.FindAsync(db, entry.Sequence, cancellationToken) : null,
            Audit = new ReceiptEntry(entry.Sequence, entry.Number, Convert.ToHexStringLower(entry.Hash)),
        }, entry.Detail);
        var compact = _handler.CreateToken(JsonSerializer.Serialize(receipt), key.Credentials, new Dictionary<string, object>(StringComparer.Ordinal) { [JwtHeaderParameterNames.Typ] = Type });
        var parts = compact.Split('.');
        return new ReceiptOutcome.Signed(new SignedReceipt(receipt, parts[0], parts[1], parts[2]));
    }
}
