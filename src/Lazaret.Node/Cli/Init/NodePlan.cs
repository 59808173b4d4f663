using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Node.Cli.Requesters;
using Lazaret.Node.Cli.Site;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.People.Provider;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lazaret.Node.Cli.Init;

/// <summary>What <c>lazaret init</c> is to write.</summary>
internal sealed record NodePlan
{
    private const string Settings = "appsettings.json";
    private const string EnvironmentName = "lazaret.env";
    private const string MadeCertificate = "tls/node.pem";
    private const string MadeKey = "tls/node.key";

    private const string EnvironmentHead = """
        # For a systemd unit of your own (EnvironmentFile=, WorkingDirectory= this folder), or by hand: set -a; . ./lazaret.env
        # Which disclosure policy? appsettings.json has guarded, by project, with a limit over all of them, and a steward decides when that is spent.
        # Of what 10 researchers ask in a year (a map a week each, four families of outcomes) this share is answered, under exact / guarded / noise 0.5:
        #   subjects   Disclosure:Ledger=site                     Disclosure:Ledger=project, SiteLimit=0.8
        #   50         11 / 18 / 27 %, refusing from week 2       22 / 59 / 87 %
        #   130        29 / 61 / 92 %, from week 7 / 15 / 38      59 / 100 / 100 %
        #   500        100 %                                      100 %
        # Below 60 subjects Disclosure:Noise=0.5 is advised. With a ledger by project, members must sign that projects do not pool their answers.

        """;

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

    public required IReadOnlyList<string> Modes { get; init; }

    /// <summary>Settings of the section <c>Lazaret</c>, which go over all else.</summary>
    public required IReadOnlyList<(string Key, string Value)> Given { get; init; }

    public required string Operator { get; init; }

    /// <summary>The file of the operator's client certificate; null for none.</summary>
    public required string? OperatorCertificate { get; init; }

    /// <summary>What <c>lazaret.env</c> is to say besides the environment's name: connection strings, and further settings that the environment gave.</summary>
    public required IReadOnlyList<(string Name, string Value)> GivenVariables { get; init; }

    private IReadOnlyList<(string Name, string Value)> Variables => Production ? [("DOTNET_ENVIRONMENT", "Production"), .. GivenVariables] : GivenVariables;

    public string Url => $"{(Production ? "https" : "http")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    private bool MakesCertificate => Production && Certificate is null;

    /// <summary>Before anything is written.</summary>
    /// <exception cref="InputException">Something is there already, and would be replaced, or an option cannot be meant.</exception>
    public void Check(string folder)
    {
        var faults = Faults(folder).ToList();
        if (faults.Count > 0)
            throw new InputException(string.Join('\n', faults));
    }

    /// <summary>Writes the files, which <see cref="Check"/> found no fault with.</summary>
    /// <exception cref="InputException">The folder cannot be written to.</exception>
    public void Write(string folder, DateTimeOffset now)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (MakesCertificate)
                MakeCertificate(folder, now);
            if (Data is null)
                SiteTemplate.Write(Path.Combine(folder, "data"));
            if (Variables.Count > 0)
                WriteSecret(Path.Combine(folder, EnvironmentName), $"{EnvironmentHead}{string.Concat(Variables.Select(variable => $"{EnvironmentFile.Line(variable.Name, variable.Value)}\n"))}");
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
        if (Production && (OperatorCertificate is not null || Modes.Contains(AuthModes.Key)))
            yield return $"Then:   curl {(MakesCertificate ? $"--cacert {folder}/{MadeCertificate} " : "")}{(OperatorCertificate is null ? "-H \"Authorization: Bearer $KEY\"" : $"--cert {OperatorCertificate} --key KEY_FILE")} {Url}/catalog/variables";
    }

    /// <summary>By what the first operator says who they are; null where that is a link, or the issuer's word.</summary>
    /// <exception cref="InputException">The certificate cannot be read, or has expired.</exception>
    public NewProof? OperatorProof() =>
        OperatorCertificate is { } file ? GivenProof.OfCertificate(file) : Modes.Contains(AuthModes.Key) ? NewProof.MakeKey() : null;

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
        if (Site.Any(char.IsControl))
            yield return "--site: has control characters";
        // What has an option of its own is checked there.
        foreach (var (setting, option) in ((string, string)[])[("Tls:Certificate", "--certificate"), ("Tls:Key", "--key"), ("Site:Name", "--site"), ("Data:View", "--data")])
        {
            if (Given.Any(given => given.Key.Equals(setting, StringComparison.OrdinalIgnoreCase)))
                yield return $"--Lazaret:{setting}: give {option} instead";
        }

        if (RequesterDirectory.FaultOfName(Operator) is { } unnameable)
            yield return $"--operator: {unnameable}";
        if (Certificate is null != Key is null)
            yield return "--certificate and --key come together";
        else if (Certificate is not null && FaultOf(CheckCertificate) is { } fault)
            yield return fault;
        foreach (var unfit in Production ? FaultsOfAuthentication(folder) : [])
            yield return unfit;
    }

    private IEnumerable<string> FaultsOfAuthentication(string folder)
    {
        if (OperatorCertificate is not null && FaultOf(() => OperatorProof()) is { } unread)
            yield return $"--operator-certificate: {unread}";
        if (OperatorCertificate is not null && !Modes.Contains(AuthModes.Mtls))
            yield return "--operator-certificate: goes with the mode mtls: --auth mtls";
        else if (OperatorCertificate is null && Modes.Contains(AuthModes.Mtls) && !Modes.Contains(AuthModes.Key) && !Modes.Contains(AuthModes.Accounts))
            yield return "--operator-certificate: is missing: without the modes key and accounts the first operator shows a client certificate";

        // As the start would say it.
        NodeOptions? options = null;
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(Configuration(folder)));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        if (FaultOf(() => options = LazaretConfiguration.Read(configuration)) is { } faults)
            yield return faults;
        if (options is null)
            yield break;
        foreach (var missing in Node.Production.Faults(options, [Listen]))
            yield return missing;
        if (SandboxBackends.FaultInProduction(options.Sandbox) is { } isolatesNothing)
            yield return isolatesNothing;
        CertificateAuthorities? authorities = null;
        if (options.Auth.Takes(AuthModes.Mtls) && FaultOf(() => authorities = CertificateAuthorities.Read(options.Auth.Mtls.Authorities)) is { } foreign)
            yield return foreign;
        if (authorities is not null && OperatorCertificate is not null && RefusalOfOperator(options.Auth.Mtls, authorities) is { } refusal)
            yield return $"--operator-certificate: {refusal}";
        if (options.Auth.Takes(AuthModes.Oidc) && FaultOf(() => ProviderSignIn.ReadSecret(options.Auth.Oidc)) is { } open)
            yield return open;
    }

    private void CheckCertificate()
    {
        var read = new CertificateFiles(new TlsOptions { Certificate = Certificate!, Key = Key! }, TimeProvider.System).Read();
        if (!read.TargetCertificate.MatchesHostname(Host, allowCommonName: false))
            throw new InputException($"--certificate: {Certificate} does not name --host {Host}, so that clients would refuse it");
    }

    /// <summary>Why the node would refuse the first operator's certificate; null where it would not, or where the file cannot be read.</summary>
    private string? RefusalOfOperator(MtlsOptions mtls, CertificateAuthorities authorities)
    {
        string? refusal = null;
        FaultOf(() =>
        {
            using var certificate = X509CertificateLoader.LoadCertificate(OperatorProof()!.Content);
            refusal = new CertificateJudge(authorities, new RevocationLists(mtls, authorities, TimeProvider.System, NullLogger<RevocationLists>.Instance), TimeProvider.System).FaultOf(certificate);
        });
        return refusal;
    }

    private static string? FaultOf(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            return e.Message;
        }
    }

    private string Listen => $"https://0.0.0.0:{Port}";

    private JsonObject Configuration(string folder)
    {
        var configuration = JsonSerializer.SerializeToNode(Bare(folder))!.AsObject();
        configuration[NodeOptions.Section] = configuration[NodeOptions.Section]!.AsObject().With(Given);
        return configuration;
    }

    private object Bare(string folder)
    {
        var data = Data is null ? "data" : Path.GetFullPath(Data);
        return Production
            ? new
            {
                urls = Listen,
                Lazaret = new
                {
                    Site = new { Name = Site },
                    Data = new { View = data },
                    State = "var",
                    Auth = new { Modes },
                    Projects = new { Required = true },
                    Disclosure = new { Profile = "guarded", Ledger = "project", SiteLimit = 0.8, WhenSpent = "review" },
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
