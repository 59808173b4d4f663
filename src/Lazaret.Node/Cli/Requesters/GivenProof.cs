using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Cohort.Files;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens.Clients;

namespace Lazaret.Node.Cli.Requesters;

/// <summary>The options by which a requester is registered with a client certificate, or with the public keys of the tokens that it signs, in place of an API key.</summary>
/// <param name="isNew">Whether the requester is registered; otherwise it gets another proof of the kind that it has.</param>
internal sealed class GivenProof(bool isNew)
{
    private const int MaxBytes = 64 << 10;

    private readonly Option<string?> _file = new("--certificate") { Description = "in place of a key: this client certificate, PEM or DER", HelpName = "FILE" };
    private readonly Option<string?> _subject = new("--certificate-subject")
    {
        Description = "in place of a key: every certificate of the configured authorities with this subject: 'CN=bot, O=Hospital'",
        HelpName = "DN",
    };

    private readonly Option<string?> _jwks = new("--jwks")
    {
        Description = "in place of a key: a JWK set, as a file or an https address, by which a SMART client signs its assertions; its client id is NAME",
        HelpName = "FILE_OR_URL",
    };

    private readonly Option<string?> _cdsIssuer = new("--cds-issuer") { Description = "with --jwks: a CDS Hooks client, whose tokens carry this as iss", HelpName = "ISS" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_file, _subject, _jwks])
            command.Add(option);
        // An issuer is who a client is, and stays when its keys change.
        if (isNew)
            command.Add(_cdsIssuer);
        command.Validators.Add(parsed =>
        {
            if (((Option<string?>[])[_file, _subject, _jwks]).Count(option => parsed.GetValue(option) is not null) > 1)
                parsed.AddError("--certificate, --certificate-subject and --jwks: give one of them");
            if (isNew && parsed.GetValue(_cdsIssuer) is { } issuer && (issuer.Length is 0 or > 500 || parsed.GetValue(_jwks) is null))
                parsed.AddError("--cds-issuer: needs 1 to 500 characters, and --jwks");
        });
    }

    /// <summary>What was given; a new API key when nothing was.</summary>
    /// <exception cref="InputException">There is no such certificate or key, or it can prove nothing any more.</exception>
    public NewProof Read(ParseResult parsed, string name)
    {
        if (parsed.GetValue(_jwks) is { } place)
        {
            var (kind, lookup) = isNew && parsed.GetValue(_cdsIssuer) is { } issuer ? (CredentialKind.CdsIssuer, issuer) : (CredentialKind.JsonWebKeys, name);
            return new NewProof(kind, lookup, ClientKeys.Register(place), null, null);
        }

        if (parsed.GetValue(_subject) is { } given && ClientCertificate.ReadSubject(given) is var subject)
            return new NewProof(CredentialKind.CertificateSubject, subject, [], null, subject);
        return parsed.GetValue(_file) is { } file ? OfCertificate(file) : NewProof.MakeKey();
    }

    /// <exception cref="InputException">There is no such certificate, or it can prove nothing any more.</exception>
    public static NewProof OfCertificate(string file)
    {
        using var certificate = ReadFile(file);
        var until = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        if (until <= TimeProvider.System.GetUtcNow())
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{file}: the certificate expired at {until:u}"));
        var fingerprint = ClientCertificate.FingerprintOf(certificate);
        return new NewProof(CredentialKind.Certificate, fingerprint, certificate.RawData, until, fingerprint);
    }

    private static X509Certificate2 ReadFile(string file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(RegularFile.ReadAllBytes(Path.GetFullPath(file), MaxBytes));
        }
        catch (CryptographicException)
        {
            throw new InputException($"{file}: is no certificate in PEM or DER");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegularFileException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }
}
