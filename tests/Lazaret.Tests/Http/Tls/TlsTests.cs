using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lazaret.Node.Http.Tls;

namespace Lazaret.Tests.Http.Tls;

/// <summary>The node on an https address, without anything in front.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Https = "https://127.0.0.1:0";

    private readonly TestCertificates _certificates = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_trusts_the_authority_reaches_the_node_over_http_2()
    {
        await using var node = await StartAsync(_certificates.Options);
        using var client = _certificates.Client(node.Client.BaseAddress!);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.SendAsync(request, Stop);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
    }

    [Theory]
    [InlineData("pfx")]
    [InlineData("pem with its key")]
    [InlineData("encrypted key")]
    public async Task The_certificate_comes_in_any_of_the_usual_forms(string form)
    {
        using var certificate = _certificates.Issue();
        _certificates.Write(certificate);
        var options = _certificates.Options;
        switch (form)
        {
            case "pfx":
                _certificates.Replace(_certificates["node.pfx"], _certificates.Pfx(certificate, "opened"));
                options = new TlsOptions { Certificate = _certificates["node.pfx"], Password = "opened" };
                break;
            case "pem with its key":
                _certificates.Replace(options.Certificate, await File.ReadAllTextAsync(options.Key, Stop) + "\n" + await File.ReadAllTextAsync(options.Certificate, Stop));
                options = options with { Key = "" };
                break;
            default:
                var sealing = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
                _certificates.Replace(options.Key, certificate.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("opened", sealing));
                options = options with { Password = "opened" };
                break;
        }

        await using var node = await StartAsync(options, write: false);
        using var client = _certificates.Client(node.Client.BaseAddress!);
        Assert.Contains("true", await client.GetStringAsync("/healthz", Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Tls_1_2_and_1_3_are_spoken_with_ciphers_that_authenticate(SslProtocols protocol)
    {
        await using var node = await StartAsync(_certificates.Options);
        using var connection = new TcpClient(AddressFamily.InterNetwork);
        await connection.ConnectAsync(IPAddress.Loopback, node.Client.BaseAddress!.Port, Stop);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsClientAsync(_certificates.Handshake(protocol), Stop);
        Assert.Equal(protocol, tls.SslProtocol);
        Assert.Matches("GCM|CHACHA20", tls.NegotiatedCipherSuite.ToString());
    }

    // A ClientHello with a version of at most that, and with RSA and CBC suites of the time; the answer is a fatal alert.
    [Theory]
    [InlineData(0x02, 70)] // TLS 1.1: protocol_version
    [InlineData(0x03, 40)] // TLS 1.2, but not its ciphers of before: handshake_failure
    public async Task What_is_older_is_refused(byte version, byte alert)
    {
        await using var node = await StartAsync(_certificates.Options);
        using var connection = new TcpClient(AddressFamily.InterNetwork);
        await connection.ConnectAsync(IPAddress.Loopback, node.Client.BaseAddress!.Port, Stop);
        // TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA; no compression; no extension.
        byte[] hello = [0x03, version, .. new byte[32], 0, 0, 6, 0x00, 0x2f, 0xc0, 0x13, 0xc0, 0x09, 1, 0];
        await connection.GetStream().WriteAsync((byte[])[0x16, 0x03, 0x01, 0, (byte)(hello.Length + 4), 0x01, 0, 0, (byte)hello.Length, .. hello], Stop);
        var answer = new byte[7];
        await connection.GetStream().ReadExactlyAsync(answer, Stop);
        Assert.Equal((0x15, 2, alert), (answer[0], answer[5], answer[6]));
    }

    [Fact]
    public async Task Who_begins_a_handshake_or_a_request_and_does_not_go_on_is_cut_off()
    {
        await using var node = await StartAsync(_certificates.Options);
        var port = node.Client.BaseAddress!.Port;
        using var silent = new TcpClient("127.0.0.1", port);
        using var slow = new TcpClient("127.0.0.1", port);
        await using var tls = new SslStream(slow.GetStream());
        await tls.AuthenticateAsClientAsync(_certificates.Handshake(), Stop);
        await tls.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: local"), Stop);

        // Each ends, or the test does not: the time is the server's.
        await Task.WhenAll(EndAsync(silent.GetStream()), EndAsync(tls));
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_in_time_is_ended_over_tls_as_well()
    {
        using (var certificate = _certificates.Issue())
            _certificates.Write(certificate);
        await using var node = await ServingNode.StartAsync(options => options with { Tls = _certificates.Options, Http = options.Http with { BodySeconds = 1 } }, Https);
        using var connection = new TcpClient("127.0.0.1", node.Client.BaseAddress!.Port);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsClientAsync(_certificates.Handshake(), Stop);
        await tls.WriteAsync(Encoding.ASCII.GetBytes("POST /v1/diagnose HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"), Stop);
        var begin = new byte[12];
        await tls.ReadExactlyAsync(begin, Stop);
        Assert.Equal("HTTP/1.1 408", Encoding.ASCII.GetString(begin));
    }

    public void Dispose() => _certificates.Dispose();

    private Task<ServingNode> StartAsync(TlsOptions tls, bool write = true)
    {
        if (write)
        {
            using var certificate = _certificates.Issue();
            _certificates.Write(certificate);
        }

        return ServingNode.StartAsync(options => options with { Tls = tls }, Https);
    }

    private static async Task EndAsync(Stream stream)
    {
        var buffer = new byte[256];
        try
        {
            while (await stream.ReadAsync(buffer, Stop) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Cut off rather than closed.
        }
    }
}
