using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>
/// The certificates that an authority has revoked (RFC 5280, section 5), signed by it. The framework writes such lists, but reads none that it
/// would verify: BouncyCastle does that.
/// </summary>
internal sealed class RevocationList
{
    private const string Label = "X509 CRL";

    private readonly byte[] _issuer;
    private readonly HashSet<BigInteger> _serials;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _until;

    private RevocationList(X509Crl list)
    {
        _issuer = list.IssuerDN.GetEncoded();
        _serials = [.. list.GetRevokedCertificates()?.Select(entry => new BigInteger(entry.SerialNumber.ToByteArray(), isBigEndian: true)) ?? []];
        _from = new DateTimeOffset(list.ThisUpdate.ToUniversalTime());
        _until = new DateTimeOffset(list.NextUpdate!.Value.ToUniversalTime());
    }

    /// <summary>The lists in a file: one in DER, or any number in PEM.</summary>
    /// <exception cref="InputException">It holds none, or one that cannot be believed.</exception>
    public static IReadOnlyList<RevocationList> Read(ReadOnlySpan<byte> file, CertificateAuthorities authorities)
    {
        if (file.IndexOf("-----BEGIN "u8) < 0)
            return [Read(file.ToArray(), authorities)];
        ReadOnlySpan<char> rest = Encoding.Latin1.GetString(file);
        var lists = new List<RevocationList>();
        while (PemEncoding.TryFind(rest, out var found))
        {
            if (rest[found.Label].SequenceEqual(Label))
                lists.Add(Read(Convert.FromBase64String(rest[found.Base64Data].ToString()), authorities));
            rest = rest[found.Location.End..];
        }

        return lists.Count > 0 ? lists : throw new InputException("holds no revocation list");
    }

    public bool IsOf(X509Certificate2 authority) => authority.SubjectName.RawData.AsSpan().SequenceEqual(_issuer);

    public bool Contains(X509Certificate2 certificate) => _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isBigEndian: true));

    /// <summary>Null, or why it says nothing about now.</summary>
    public string? FaultAt(DateTimeOffset now) =>
        now >= _until ? string.Create(CultureInfo.InvariantCulture, $"is out of date since {_until:u}")
        : now < _from ? string.Create(CultureInfo.InvariantCulture, $"is valid only from {_from:u}")
        : null;

    private static RevocationList Read(byte[] der, CertificateAuthorities authorities)
    {
        X509Crl list;
        try
        {
            list = new X509CrlParser().ReadCrl(der) ?? throw new InputException("holds no revocation list");
        }
        catch (Exception e) when (e is not (InputException or OutOfMemoryException))
        {
            // BouncyCastle throws many types for malformed bytes.
            throw new InputException("holds a malformed revocation list");
        }

        if (!authorities.All.Any(authority => authority.SubjectName.RawData.AsSpan().SequenceEqual(list.IssuerDN.GetEncoded()) && MaySign(authority) && IsSigned(list, authority)))
            throw new InputException("holds a revocation list that none of Lazaret:Auth:Mtls:Authorities has signed");
        // A critical extension changes what the list covers: some reasons, some certificates, changes since another list, certificates of other authorities.
        if (list.GetCriticalExtensionOids() is { Count: > 0 } || list.GetRevokedCertificates()?.Any(entry => entry.GetCriticalExtensionOids() is { Count: > 0 }) == true)
            throw new InputException("holds a revocation list that covers only a part of its authority's certificates, or those of others: give the complete one");
        return list.NextUpdate is not null ? new RevocationList(list) : throw new InputException("holds a revocation list that does not say until when it is valid");
    }

    private static bool MaySign(X509Certificate2 authority) =>
        authority.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is not { } usage || usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign);

    private static bool IsSigned(X509Crl list, X509Certificate2 authority)
    {
        try
        {
            list.Verify(PublicKeyFactory.CreateKey(authority.PublicKey.ExportSubjectPublicKeyInfo()));
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Another key, another algorithm, a malformed signature: BouncyCastle throws a type for each.
            return false;
        }
    }
}
