using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Cli.Init;

/// <summary>What <c>lazaret init</c> is to write.</summary>
internal sealed record NodePlan
{
    private const string Settings = "appsettings.json";
    private const string EnvironmentName = "lazaret.env";
    private const string MadeCertificate = "tls/node.pem";
    private const string MadeKey = "tls/node.key";

    // The most that browsers take (CA/Browser Forum, ballot SC-081, until March 2027).
    private const int CertificateDays = 200;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required bool Production { get; init; }

    public required string Site { get; init; }

    public required string? Data { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string? Certificate { get; init; }

    public required string? Key { get; init; }

    public required string Operator { get; init; }

    /// <summary>What <c>lazaret.env</c> is to say besides the environment's name: connection strings and further settings that the environment and the command line gave.</summary>
    public required IReadOnlyList<(string Name, string Value)> Given { get; init; }

    private IReadOnlyList<(string Name, string Value)> Variables => Production ? [("DOTNET_ENVIRONMENT", "Production"), .. Given] : Given;

    private string Url => $"{(Production ? "https" : "http")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    private bool MakesCertificate => Production && Certificate is null;

    /// <summary>Writes the files; nothing that is there is replaced.</summary>
    /// <exception cref="InputException">Something is there already, or an option cannot be meant.</exception>
    public void Write(string folder, DateTimeOffset now)
    {
        var faults = Faults(folder).ToList();
        if (faults.Count > 0)
            throw new InputException(string.Join('\n', faults));
        try
        {
            Directory.CreateDirectory(folder);
            if (MakesCertificate)
                MakeCertificate(folder, now);
            if (Data is null)
                SiteTemplate.Write(Path.Combine(folder, "data"));
            if (Variables.Count > 0)
                WriteSecret(Path.Combine(folder, EnvironmentName), $"# For a systemd unit of your own (EnvironmentFile=, WorkingDirectory= this folder), or by hand: set -a; . ./lazaret.env\n{string.Concat(Variables.Select(variable => $"{EnvironmentFile.Line(variable.Name, variable.Value)}\n"))}");
            File.WriteAllText(Path.Combine(folder, Settings), JsonSerializer.Serialize(Configuration(folder), Json) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: {e.Message}");
        }
    }

    /// <summary>What to do next, for people.</summary>
    public IEnumerable<string> Next(string folder, string keys)
    {
        yield return $"{folder}: {Settings}, with what it needs";
        if (Data is null)
            yield return "data is an empty data view: fill its tables, then run 'lazaret site check data'. Until then the node takes no cohort jobs.";
        yield return $"Keep a copy of {keys} apart from the backups: without it nothing that they hold can be read.";
        if (MakesCertificate)
            yield return $"{MadeCertificate} is signed by itself, and nobody trusts it: put your own certificate and key in its place within {CertificateDays} days; the node takes them without a restart.";
        yield return $"Start:  {(Variables.Count > 0 ? $"lazaret --config {folder}/{EnvironmentName}" : $"cd {folder} && lazaret")} serve";
        if (Production)
            yield return $"Then:   curl {(MakesCertificate ? $"--cacert {folder}/{MadeCertificate} " : "")}-H \"Authorization: Bearer $KEY\" {Url}/catalog/variables";
    }

    private IEnumerable<string> Faults(string folder)
    {
        foreach (var name in new[] { Settings, EnvironmentName, "var", "tls" }.Concat(Data is null ? ["data"] : []).Where(name => Path.Exists(Path.Combine(folder, name))))
            yield return $"{Path.Combine(folder, name)}: is there already, and is not replaced";
        if (Data is not null && !Directory.Exists(Data))
            yield return $"--data: {Data}: there is no such folder";
        if (Port is < 1 or > 65535)
            yield return $"--port: {Port} is outside 1 to 65535";
        if (Production && Uri.CheckHostName(Host) == UriHostNameType.Unknown)
            yield return $"--host: '{Host}' is no host name";
        if (!RequesterDirectory.HasNameForm(Operator))
            yield return $"--operator: '{Operator}': a name has 1 to 64 letters, digits, '.', '-' or '_', and begins with a letter or digit";
        if (Certificate is null != Key is null)
            yield return "--certificate and --key come together";
        else if (Certificate is not null && FaultOfCertificate() is { } fault)
            yield return fault;
    }

    private string? FaultOfCertificate()
    {
        try
        {
            new CertificateFiles(new TlsOptions { Certificate = Certificate!, Key = Key! }, TimeProvider.System).Read();
            return null;
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return e.Message;
        }
    }

    private object Configuration(string folder)
    {
        var data = Data is null ? "data" : Path.GetFullPath(Data);
        return Production
            ? new
            {
                urls = $"https://0.0.0.0:{Port}",
                Lazaret = new
                {
                    Site = new { Name = Site },
                    Data = new { View = data },
                    State = "var",
                    Auth = new { Modes = new[] { Identity.AuthModes.Key } },
                    Projects = new { Required = true },
                    Http = new { PublicUrl = Url },
                    Tls = new
                    {
                        Certificate = Certificate is null ? Path.Combine(folder, MadeCertificate) : Path.GetFullPath(Certificate),
                        Key = Key is null ? Path.Combine(folder, MadeKey) : Path.GetFullPath(Key),
                    },
                },
            }
            : new { urls = $"http://127.0.0.1:{Port}", Lazaret = new { Site = new { Name = Site }, Data = new { View = data }, State = "var" } };
    }

    private static void WriteSecret(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnFile.Mode });
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private void MakeCertificate(string folder, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(Host);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in new[] { Host, "localhost" }.Distinct(StringComparer.OrdinalIgnoreCase).Where(name => Uri.CheckHostName(name) == UriHostNameType.Dns))
            names.AddDnsName(name);
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddIpAddress(System.Net.IPAddress.IPv6Loopback);
        if (System.Net.IPAddress.TryParse(Host, out var address) && !System.Net.IPAddress.IsLoopback(address))
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "TLS server")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(CertificateDays));
        Directory.CreateDirectory(Path.Combine(folder, "tls"), OwnFile.FolderMode);
        File.WriteAllText(Path.Combine(folder, MadeCertificate), certificate.ExportCertificatePem() + "\n");
        WriteSecret(Path.Combine(folder, MadeKey), key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
