using System.Net;
using System.Net.Sockets;
using System.Text;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Lazaret.Tests.Identity;

namespace Lazaret.Tests.Http;

/// <summary>Whose forwarding headers are believed. To the node the tests' client, on 127.0.0.1, is the proxy.</summary>
public sealed class ProxyTests
{
    private const string Loopback = "127.0.0.1";
    private const string Elsewhere = "192.0.2.77";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Loopback, true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData(Elsewhere, false)]
    public async Task The_scheme_is_believed_from_a_configured_proxy_alone(string proxy, bool believed)
    {
        await using var node = await StartAsync(proxy);
        using var answer = await SendAsync(node, "/fhir/metadata", ("X-Forwarded-For", "198.51.100.9"), ("X-Forwarded-Proto", "https"));
        Assert.Equal(believed, answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(believed, (await answer.Content.ReadAsStringAsync(Stop)).Contains("\"https://127.0.0.1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Loopback, "X-Forwarded-For", "127.0.0.1")]
    [InlineData(Loopback, "X-Forwarded-For", "198.51.100.9, 127.0.0.1")]
    [InlineData(Loopback, "X-Forwarded-For", "not an address")]
    [InlineData(Loopback, "X-Nothing", "of the kind")]
    [InlineData(Elsewhere, "X-Forwarded-For", "127.0.0.1")]
    [InlineData(Elsewhere, "X-Forwarded-Proto", "http")]
    [InlineData(Elsewhere, "Forwarded", "for=127.0.0.1")]
    [InlineData(Elsewhere, "Via", "1.1 proxy")]
    [InlineData(Elsewhere, "X-Real-IP", "127.0.0.1")]
    [InlineData(Elsewhere, "X-Original-For", "127.0.0.1:5")]
    public async Task What_a_proxy_passes_on_never_counts_as_from_this_machine(string proxy, string header, string value)
    {
        await using var node = await StartAsync(proxy);
        using var answer = await SendAsync(node, "/metrics", (header, value));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Whoever_connects_from_this_machine_itself_still_reads_the_metrics()
    {
        await using var node = await StartAsync(Elsewhere);
        using var answer = await SendAsync(node, "/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_proxy_has_as_many_connections_as_it_has_clients()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = options.Http with { MaxConnectionsPerAddress = 1, Proxies = [Loopback] } });
        var open = Enumerable.Range(0, 3).Select(_ => new TcpClient(Loopback, node.Client.BaseAddress!.Port)).ToList();
        try
        {
            foreach (var connection in open)
            {
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), Stop);
                var answer = new byte[15];
                await connection.GetStream().ReadExactlyAsync(answer, Stop);
                Assert.Equal("HTTP/1.1 200 OK", Encoding.ASCII.GetString(answer));
            }
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }
    }

    [Theory]
    [InlineData("proxy.example")]
    [InlineData("10.1")]
    [InlineData("10.0.0.1/33")]
    [InlineData("0.0.0.0/0")]
    [InlineData("")]
    public void What_is_no_address_and_no_network_stops_the_start(string entry)
    {
        var faults = new OptionFaults();
        new HttpOptions { Proxies = ["10.0.0.7", "10.1.0.0/16", "2001:db8::7", "2001:db8:1::/48", entry] }.Check(faults, 1);
        Assert.StartsWith($"Lazaret:Http:Proxies: '{entry}'", Assert.Single(faults.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_is_the_same_in_its_mapped_form() =>
        Assert.True(new ProxyAddresses(["10.0.0.7"]).Contains(IPAddress.Parse("::ffff:10.0.0.7")) && new ProxyAddresses(["::ffff:10.0.0.7"]).Contains(IPAddress.Parse("10.0.0.7")));

    private static Task<ServingNode> StartAsync(string proxy) => ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Http = options.Http with { Proxies = [proxy] } });

    private static async Task<HttpResponseMessage> SendAsync(ServingNode node, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await node.Client.SendAsync(request, Stop);
    }
}
