using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>The authorities whose client certificates count: roots, and the authorities between a root and a client.</summary>
internal sealed class CertificateAuthorities
{
    private const string Setting = "Lazaret:Auth:Mtls:Authorities";
    private const int MaxBytes = 4 << 20;

    private CertificateAuthorities(IEnumerable<X509Certificate2> all)
    {
        All = [.. all];
        Roots = [.. All.Where(IsSelfIssued)];
        Between = [.. All.Where(authority => !IsSelfIssued(authority))];
    }

    public IReadOnlyList<X509Certificate2> All { get; }

    public X509Certificate2Collection Roots { get; }

    public X509Certificate2Collection Between { get; }

    /// <exception cref="InputException">The file is missing or holds no such certificates, or others may change it; one line per fault.</exception>
    public static CertificateAuthorities Read(string path)
    {
        path = Path.GetFullPath(path);
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(Encoding.Latin1.GetString(ReadTrusted(path)));
        }
        catch (CryptographicException)
        {
            throw new InputException($"{Setting}: {path}: a certificate in it is malformed");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{Setting}: there is no file {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegularFileException)
        {
            throw new InputException($"{Setting}: {path} cannot be read ({e.Message}): let the node's user read it");
        }

        var faults = all.Where(certificate => !IsAuthority(certificate)).Select(other => $"{Setting}: {path}: {other.Subject} is no authority: only certificates of authorities belong there").ToList();
        if (!all.Any(IsSelfIssued))
            faults.Add($"{Setting}: {path}: holds no root: add the self-signed certificate at which the authorities' own certificates end");
        return faults.Count == 0 ? new CertificateAuthorities(all) : throw new InputException(string.Join('\n', faults));
    }

    public static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true };

    private static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    // Whoever can change the file can make a certificate for every name. Links are allowed, as Debian makes them in /etc/ssl/certs.
    private static byte[] ReadTrusted(string path)
    {
        if (StrictModes.FaultOfParents(path, Setting) is { } fault)
            throw new InputException($"{Setting}: {fault}");
        using var file = RegularFile.Open(path);
        if ((File.GetUnixFileMode(file.SafeFileHandle) & OwnFile.WrittenByOthers) != 0)
            throw new InputException($"{Setting}: {path}: others than its owner may write to it, and so name their own authority: chmod go-w {path}");
        return RegularFile.ReadAllBytes(file, MaxBytes);
    }
}
