using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Http.Tls;

/// <summary>The files that <see cref="TlsOptions"/> name, read and checked.</summary>
internal sealed class CertificateFiles(TlsOptions options, TimeProvider time)
{
    private const string CertificateSetting = "Lazaret:Tls:Certificate";
    private const string KeySetting = "Lazaret:Tls:Key";
    private const string PasswordSetting = "Lazaret:Tls:Password";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForAll = "2.5.29.37.0";
    private const int MaxBytes = 1 << 20;

    private readonly string _certificate = Path.GetFullPath(options.Certificate);
    private readonly string _key = Path.GetFullPath(options.Key.Length > 0 ? options.Key : options.Certificate);

    /// <summary>Differs when a file was changed or replaced.</summary>
    public (FileStamp? Certificate, FileStamp? Key) Stamp => (FileStamp.Of(_certificate), FileStamp.Of(_key));

    /// <exception cref="InputException">A file is missing, malformed or unsafe, or the certificate is not valid now; one line says which, and what to do.</exception>
    /// <exception cref="MissingException">Another user could have put the key's file there.</exception>
    public SslStreamCertificateContext Read()
    {
        var key = ReadKey();
        var certificate = _key == _certificate ? key : ReadOpen(_certificate);
        var (server, others) = PemOf(certificate) is { } pem
            ? FromPem(pem, PemOf(key) ?? throw new InputException($"{_key}: holds no private key in PEM: set {KeySetting} to the file of the certificate's key"))
            : FromPfx(certificate);
        Check(server);
        // Offline: what the file does not hold is not fetched from the addresses in a certificate.
        return SslStreamCertificateContext.Create(server, others, offline: true);
    }

    private (X509Certificate2 Server, X509Certificate2Collection Others) FromPem(string pem, string key)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new InputException($"{_certificate}: is no certificate in PEM: {e.Message}");
        }

        if (all.Count == 0)
            throw new InputException($"{_certificate}: holds no certificate: set {CertificateSetting} to a PEM file that begins with the node's certificate, or to a PFX");
        var isEncrypted = key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (!isEncrypted && !key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new InputException($"{_key}: holds no private key: set {KeySetting} to the file of the certificate's key");
        if (isEncrypted && options.Password.Length == 0)
            throw new InputException($"{_key}: is encrypted: set {PasswordSetting}, or decrypt it: openssl pkey -in {_key}");
        try
        {
            var leaf = all[0].ExportCertificatePem();
            var server = isEncrypted ? X509Certificate2.CreateFromEncryptedPem(leaf, key, options.Password) : X509Certificate2.CreateFromPem(leaf, key);
            all[0].Dispose();
            all.RemoveAt(0);
            return (server, all);
        }
        catch (ArgumentException)
        {
            throw new InputException($"{_key}: is not the private key of the first certificate in {_certificate}: set {KeySetting} to the key that was made with it");
        }
        catch (CryptographicException)
        {
            throw new InputException($"{_key}: is malformed, of another kind than the first certificate in {_certificate}{(isEncrypted ? $", or {PasswordSetting} is not its password" : "")}");
        }
    }

    private (X509Certificate2 Server, X509Certificate2Collection Others) FromPfx(byte[] pfx)
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(pfx, options.Password);
            var server = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new InputException($"{_certificate}: holds no certificate with its private key");
            all.Remove(server);
            return (server, all);
        }
        catch (CryptographicException)
        {
            throw new InputException($"{_certificate}: is neither PEM nor a PFX, or {PasswordSetting} is not its password");
        }
    }

    private void Check(X509Certificate2 server)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (from, to) = (server.NotBefore.ToUniversalTime(), server.NotAfter.ToUniversalTime());
        if (now > to)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{_certificate}: the certificate of {server.Subject} expired at {to:u}: renew it"));
        if (now < from)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{_certificate}: the certificate of {server.Subject} is valid only from {from:u}, and the clock of this machine says {now:u}: set the clock (timedatectl set-ntp true), or wait until then"));
        if (server.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } uses && !uses.EnhancedKeyUsages.Cast<Oid>().Any(use => use.Value is ForServers or ForAll))
            throw new InputException($"{_certificate}: the certificate of {server.Subject} is not for servers: its extended key usage lacks serverAuth");
    }

    private byte[] ReadKey()
    {
        try
        {
            using var handle = OwnFile.OpenRead(_key, options.Key.Length > 0 ? KeySetting : CertificateSetting) ?? throw new FileNotFoundException();
            using var file = new FileStream(handle, FileAccess.Read);
            if ((File.GetUnixFileMode(handle) & OwnFile.Others) != 0)
                throw new InputException($"{_key}: others than its owner may read the private key of the node's certificate: chmod 600 {_key}");
            return RegularFile.ReadAllBytes(file, MaxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegularFileException)
        {
            throw Unread(e, _key, options.Key.Length > 0 ? KeySetting : CertificateSetting);
        }
    }

    private static byte[] ReadOpen(string path)
    {
        try
        {
            return RegularFile.ReadAllBytes(path, MaxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegularFileException)
        {
            throw Unread(e, path, CertificateSetting);
        }
    }

    private static InputException Unread(Exception why, string path, string setting) => new(why is FileNotFoundException or DirectoryNotFoundException
        ? $"{setting}: there is no file {path}"
        : $"{setting}: {path} cannot be read ({why.Message}): let the node's user read it");

    private static string? PemOf(byte[] bytes) =>
        bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0 ? Encoding.Latin1.GetString(bytes) : null;
}
