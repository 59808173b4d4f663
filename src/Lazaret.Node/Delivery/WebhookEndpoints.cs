using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Delivery;

/// <summary>The endpoints that requesters have named. A URL becomes one when it is first used.</summary>
public sealed class WebhookEndpoints(IDbContextFactory<LazaretDb> databases, WebhookSecrets secrets, RecordSeal seal, TimeProvider time)
{
    /// <summary>Why this requester cannot be told at this URL now; null when it can.</summary>
    public async Task<RequestFault?> FaultAsync(string requester, Uri url, CancellationToken cancellationToken)
    {
        if (await FindAsync(requester, url, cancellationToken) is { DisabledAt: not null })
            return new RequestFault(WebhookUrl.Field, "is disabled, for it answered 410 or the operator said so: the operator can enable it again");
        return (await secrets.ListAsync(requester, cancellationToken)).Count > 0
            ? null
            : new RequestFault(WebhookUrl.Field, $"cannot be signed for: the operator makes this requester's secret first ('lazaret webhooks secret rotate --requester {requester}')");
    }

    /// <summary>The endpoint of this URL, made if need be.</summary>
    public async Task<WebhookEndpoint> FindOrAddAsync(string requester, Uri url, CancellationToken cancellationToken)
    {
        if (await FindAsync(requester, url, cancellationToken) is { } known)
            return known;
        var endpoint = WebhookEndpoint.Of(requester, url, seal, time.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.WebhookEndpoints.Add(endpoint);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return endpoint;
        }
        catch (DbUpdateException)
        {
            // The same URL may have come in twice at once; only one of the two rows could be written.
            if (await FindAsync(requester, url, cancellationToken) is { } won)
                return won;
            throw;
        }
    }

    public async Task<IReadOnlyList<WebhookEndpoint>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.WebhookEndpoints.AsNoTracking().OrderBy(endpoint => endpoint.CreatedAt).ToListAsync(cancellationToken);
    }

    /// <summary>Changes what is not null; false when there is no such endpoint.</summary>
    public async Task<bool> ChangeAsync(Guid id, bool? enabled, bool? legacySignature, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.WebhookEndpoints.FindAsync([id], cancellationToken) is not { } endpoint)
            return false;
        var now = time.GetUtcNow();
        if (enabled == true)
            endpoint.Enable();
        else if (enabled == false)
            endpoint.Disable(now);
        if (legacySignature is { } legacy)
            endpoint.LegacySignature = legacy;
        db.Audit.Add(AuditEntry.Of(AuditAction.WebhookEndpointChanged, now, actor, new()
        {
            ["endpoint"] = id,
            ["host"] = endpoint.Host,
            ["enabled"] = endpoint.DisabledAt is null,
            ["legacy_signature"] = endpoint.LegacySignature,
        }));
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    private async Task<WebhookEndpoint?> FindAsync(string requester, Uri url, CancellationToken cancellationToken)
    {
        var digest = WebhookEndpoint.DigestOf(url);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.WebhookEndpoints.AsNoTracking()
            .SingleOrDefaultAsync(endpoint => endpoint.Requester == requester && endpoint.UrlDigest == digest, cancellationToken);
    }
}
