using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Cohort.Files;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Cli;

/// <summary>The options by which a requester is registered with a client certificate in place of a key.</summary>
internal sealed class CertificateProof
{
    private const int MaxBytes = 64 << 10;

    private readonly Option<string?> _file = new("--certificate") { Description = "in place of a key: this client certificate, PEM or DER", HelpName = "FILE" };
    private readonly Option<string?> _subject = new("--certificate-subject")
    {
        Description = "in place of a key: every certificate of the configured authorities with this subject: 'CN=bot, O=Hospital'",
        HelpName = "DN",
    };

    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_subject);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(_file) is not null && parsed.GetValue(_subject) is not null)
                parsed.AddError("--certificate and --certificate-subject: give one of them");
        });
    }

    /// <summary>What was given; null when neither was.</summary>
    /// <exception cref="InputException">There is no such certificate, or it can prove nothing any more.</exception>
    public Registration? Read(ParseResult parsed)
    {
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

    /// <summary>Prints by what the requester is found, and what still keeps the node from taking it.</summary>
    public static int Print(Registration registration, IServiceProvider services)
    {
        Console.WriteLine(registration.Lookup);
        if (!services.GetRequiredService<AuthOptions>().Modes.Contains(AuthModes.Mtls))
        {
            Console.Error.WriteLine("lazaret: the node does not take client certificates yet: add mtls to Lazaret:Auth:Modes");
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
        /// <summary>The earlier of two ends.</summary>
        public DateTimeOffset? EndsBy(DateTimeOffset? asked) => asked is null || Until < asked ? Until : asked;
    }
}
