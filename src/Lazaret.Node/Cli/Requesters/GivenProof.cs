using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Cohort.Files;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens.Clients;

namespace Lazaret.Node.Cli.Requesters;

/// <summary>The options by which a requester is registered with a client certificate, or with the public keys of the tokens that it signs, in place of an API key.</summary>
internal sealed class GivenProof
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
        foreach (var option in (Option[])[_file, _subject, _jwks, _cdsIssuer])
            command.Add(option);
        command.Validators.Add(parsed =>
        {
            if (((Option<string?>[])[_file, _subject, _jwks]).Count(option => parsed.GetValue(option) is not null) > 1)
                parsed.AddError("--certificate, --certificate-subject and --jwks: give one of them");
            if (parsed.GetValue(_cdsIssuer) is { } issuer && (issuer.Length is 0 or > 500 || parsed.GetValue(_jwks) is null))
                parsed.AddError("--cds-issuer: needs 1 to 500 characters, and --jwks");
        });
    }

    /// <summary>What was given; null when nothing was.</summary>
    /// <exception cref="InputException">There is no such certificate or key, or it can prove nothing any more.</exception>
    public Registration? Read(ParseResult parsed, string name)
    {
        if (parsed.GetValue(_jwks) is { } place)
        {
            var (kind, lookup) = parsed.GetValue(_cdsIssuer) is { } issuer ? (CredentialKind.CdsIssuer, issuer) : (CredentialKind.JsonWebKeys, name);
            return new Registration(kind, lookup, ClientKeys.Register(place), null);
        }

        if (parsed.GetValue(_subject) is { } subject)
            return new Registration(CredentialKind.CertificateSubject, ClientCertificate.ReadSubject(subject), [], null);
        if (parsed.GetValue(_file) is not { } file)
            return null;
        using var certificate = ReadFile(file);
        var until = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        if (until <= TimeProvider.System.GetUtcNow())
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{file}: the certificate expired at {until:u}"));
        return new Registration(CredentialKind.Certificate, ClientCertificate.FingerprintOf(certificate), certificate.RawData, until);
    }

    /// <summary>Prints by what a certificate is found, and what still keeps the node from taking the proof.</summary>
    public static int Print(Registration registration, IServiceProvider services)
    {
        if (!registration.IsKeySet)
            Console.WriteLine(registration.Lookup);
        if (!services.GetRequiredService<AuthOptions>().Takes(registration.Mode))
        {
            Console.Error.WriteLine($"lazaret: the node does not take this yet: add {registration.Mode} to Lazaret:Auth:Modes");
        }
        else if (registration.Kind == CredentialKind.Certificate)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(registration.Content);
            if (services.GetRequiredService<CertificateJudge>().FaultOf(certificate) is { } fault)
                Console.Error.WriteLine($"lazaret: it is registered, and the node would refuse it now. {fault}");
        }

        return ExitCodes.Done;
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

    /// <param name="Until">When the certificate itself ends.</param>
    public sealed record Registration(CredentialKind Kind, string Lookup, byte[] Content, DateTimeOffset? Until)
    {
        /// <summary>Whether it is of tokens that the requester signs.</summary>
        public bool IsKeySet => Kind is CredentialKind.JsonWebKeys or CredentialKind.CdsIssuer;

        public string Mode => IsKeySet ? AuthModes.Smart : AuthModes.Mtls;

        /// <summary>The earlier of two ends.</summary>
        public DateTimeOffset? EndsBy(DateTimeOffset? asked) => asked is null || Until < asked ? Until : asked;
    }
}
