using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Audit.Chain;

/// <summary>The key of one state folder: signs checkpoints and receipts, and proves that entries were written by a process that has it.</summary>
internal sealed class SigningKey : IDisposable
{
    private const int NonceLength = 16;

    private readonly ECDsa _key;
    private readonly byte[] _proofKey;

    private SigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        Name = CheckpointText.NameOf(PublicKey);
        _proofKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, key.ExportParameters(includePrivateParameters: true).D!, HMACSHA256.HashSizeInBytes, info: "lazaret audit entries"u8.ToArray());
    }

    /// <summary>SubjectPublicKeyInfo in DER.</summary>
    public byte[] PublicKey { get; }

    public string Name { get; }

    public ECParameters Parameters => _key.ExportParameters(includePrivateParameters: false);

    /// <summary>To sign JSON with (RFC 7515), under this key's name.</summary>
    public SigningCredentials Credentials => new(new ECDsaSecurityKey(_key) { KeyId = Name, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } }, SecurityAlgorithms.EcdsaSha256);

    public static SigningKey Make() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="InvalidDataException">It is no such key.</exception>
    public static SigningKey Read(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? new SigningKey(key) : throw new InvalidDataException("is no key on the curve P-256");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException("is no private key in PEM", e);
        }
    }

    public string Write() => _key.ExportPkcs8PrivateKeyPem();

    public byte[] Sign(byte[] data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>Random bytes, then an HMAC over them and the entry. The random bytes make each proof a different one, so that a copied row is recognized.</summary>
    public byte[] Prove(AuditEntry entry)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        return [.. nonce, .. Mac(nonce, StoredEntry.Of(entry))];
    }

    public bool HasProven(StoredEntry entry) => entry.Proof is { Length: NonceLength + HMACSHA256.HashSizeInBytes } proof
        && CryptographicOperations.FixedTimeEquals(proof.AsSpan(NonceLength), Mac(proof[..NonceLength], entry.Proven));

    public void Dispose() => _key.Dispose();

    private byte[] Mac(byte[] nonce, IEnumerable<byte[]?> columns)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _proofKey);
        mac.AppendData(nonce);
        foreach (var column in columns)
            LinkHash.Text(mac, column);
        return mac.GetHashAndReset();
    }
}
