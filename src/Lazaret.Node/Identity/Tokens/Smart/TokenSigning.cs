using System.Security.Cryptography;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>Signs the node's own access tokens, and verifies those of every other process on the same database.</summary>
internal sealed class TokenSigning(IDbContextFactory<LazaretDb> databases, RecordSeal seal, TimeProvider time) : IDisposable
{
    private ECDsaSecurityKey? _key;

    /// <exception cref="InvalidOperationException">It was not loaded.</exception>
    public ECDsaSecurityKey Key => _key ?? throw new InvalidOperationException("the key of the node's access tokens is loaded at the start");

    /// <summary>Reads the key, and makes it where there is none yet.</summary>
    /// <exception cref="SealException">It does not open.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await FindAsync(cancellationToken) ?? await MakeAsync(cancellationToken);
        var pkcs8 = stored.Open(seal);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        CryptographicOperations.ZeroMemory(pkcs8);
        _key = new ECDsaSecurityKey(key);
        _key.KeyId = Base64UrlEncoder.Encode(_key.ComputeJwkThumbprint());
    }

    public void Dispose() => _key?.ECDsa.Dispose();

    private async Task<TokenKey?> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.TokenKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == TokenKey.First, cancellationToken);
    }

    private async Task<TokenKey> MakeAsync(CancellationToken cancellationToken)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pkcs8 = made.ExportPkcs8PrivateKey();
        var key = TokenKey.Of(pkcs8, seal, time.GetUtcNow());
        CryptographicOperations.ZeroMemory(pkcs8);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.TokenKeys.Add(key);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return key;
        }
        catch (DbUpdateException e) when (e.IsUniqueViolation())
        {
            return (await FindAsync(cancellationToken))!;
        }
    }
}
