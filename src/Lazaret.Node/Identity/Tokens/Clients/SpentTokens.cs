using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.Tokens.Clients;

/// <summary>Holds that each token of a client is used once, on whichever process: the first to insert its row wins.</summary>
internal sealed class SpentTokens(IDbContextFactory<LazaretDb> databases, TimeProvider time)
{
    private static readonly TimeSpan Sweep = TimeSpan.FromMinutes(1);

    private long _swept;

    /// <returns>Whether nobody has used it before.</returns>
    public async Task<bool> SpendAsync(CredentialKind kind, string client, string jti, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await SweepAsync(db, cancellationToken);
        db.SpentTokens.Add(new SpentToken { Id = IdOf($"{kind}", client, jti), ExpiresAt = expires });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException e) when (e.IsUniqueViolation())
        {
            return false;
        }
    }

    private async Task SweepAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var (now, last) = (time.GetTimestamp(), Interlocked.Read(ref _swept));
        if ((last == 0 || time.GetElapsedTime(last, now) >= Sweep) && Interlocked.CompareExchange(ref _swept, now, last) == last)
        {
            var expired = time.GetUtcNow();
            await db.SpentTokens.Where(token => token.ExpiresAt < expired).ExecuteDeleteAsync(cancellationToken);
        }
    }

    // The length of what comes first keeps two pairs of client and jti from being one text.
    private static string IdOf(string kind, string client, string jti) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}:{client.Length}:{client}{jti}")));
}
