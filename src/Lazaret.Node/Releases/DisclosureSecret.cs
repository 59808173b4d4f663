using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases;

/// <summary>Reads the <see cref="DisclosureKey"/>, and makes it where there is none yet.</summary>
internal sealed class DisclosureSecret(IDbContextFactory<LazaretDb> databases, RecordSeal seal)
{
    private byte[]? _key;

    /// <exception cref="SealException">It does not open.</exception>
    public async Task<byte[]> GetAsync(CancellationToken cancellationToken) =>
        _key ??= (await FindAsync(cancellationToken) ?? await MakeAsync(cancellationToken)).Open(seal);

    /// <summary>What a subject is called in the ledger.</summary>
    public static string Tag(byte[] key, string subject) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"subject\n{subject}")));

    private async Task<DisclosureKey?> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.DisclosureKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == DisclosureKey.First, cancellationToken);
    }

    private async Task<DisclosureKey> MakeAsync(CancellationToken cancellationToken)
    {
        var made = DisclosureKey.Make(seal);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.DisclosureKeys.Add(made);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return made;
        }
        catch (DbUpdateException e) when (e.IsUniqueViolation())
        {
            return (await FindAsync(cancellationToken))!;
        }
    }
}
