using Lazaret.Node.Audit;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Delivery;

/// <summary>The secrets of each requester. A new one is shown once, to the operator who makes it, and lies sealed from then on.</summary>
public sealed class WebhookSecrets(IDbContextFactory<LazaretDb> databases, RecordSeal seal, TimeProvider time)
{
    /// <summary>How long the secrets before a new one may go on signing.</summary>
    public const int MaxOverlapHours = 30 * 24;

    /// <summary>Makes the requester's new secret; those before it go on signing for a while, so that a receiver can change over.</summary>
    /// <returns>The secret: <c>whsec_…</c>.</returns>
    public async Task<string> RotateAsync(string requester, TimeSpan overlap, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var text = WebhookSignature.NewSecret();
        var made = WebhookSecret.Of(requester, text, seal, now);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var earlier = await db.WebhookSecrets.Where(secret => secret.Requester == requester).ToListAsync(cancellationToken);
        foreach (var secret in earlier)
            secret.ExpireAt(now + overlap);
        db.WebhookSecrets.RemoveRange(earlier.Where(secret => secret.ExpiresAt <= now));
        db.WebhookSecrets.Add(made);
        db.Audit.Add(AuditEntry.Of(AuditAction.WebhookSecretRotated, now, actor, new() { ["requester"] = requester, ["secret"] = made.Id, ["overlap_seconds"] = (long)overlap.TotalSeconds }));
        await db.SaveChangesAsync(cancellationToken);
        return text;
    }

    /// <summary>Those that sign now, the newest first; the secrets themselves are not opened.</summary>
    public async Task<IReadOnlyList<WebhookSecret>> ListAsync(string requester, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.WebhookSecrets.AsNoTracking()
            .Where(secret => secret.Requester == requester && (secret.ExpiresAt == null || secret.ExpiresAt > now))
            .OrderByDescending(secret => secret.CreatedAt)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Those that sign now, the newest first: <c>whsec_…</c>.</summary>
    internal async Task<IReadOnlyList<string>> OpenAsync(string requester, CancellationToken cancellationToken) =>
        [.. (await ListAsync(requester, cancellationToken)).Select(secret => secret.Open(seal))];
}
