using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Delivery;

/// <summary>Receivers that are slow, endless, elsewhere, or not what they say.</summary>
public sealed class HostileReceiverTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_is_left()
    {
        await using var receiver = await WebhookReceiver.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        Assert.Equal(AttemptEnd.TimedOut, (await TellAsync(receiver.Url, seconds: 1)).Ending);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_but_a_failure()
    {
        await using var elsewhere = await WebhookReceiver.StartAsync(200);
        foreach (var status in (int[])[301, 302, 303, 307, 308])
        {
            await using var receiver = await WebhookReceiver.StartAsync(context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = elsewhere.Url.ToString();
                return Task.CompletedTask;
            });
            Assert.Equal((AttemptEnd.Refused, status), await EndOfAsync(receiver.Url));
        }

        Assert.Empty(elsewhere.Received);
    }

    [Fact]
    public async Task An_endless_answer_is_not_read()
    {
        // A bare socket: Kestrel goes on "writing" for a while after the connection is gone.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var written = AnswerEndlesslyAsync(listener);
        Assert.Equal((AttemptEnd.Taken, 200), await EndOfAsync(new Uri($"http://{listener.LocalEndpoint}/told")));
        Assert.InRange(await written, 0, 64 << 20);

        static async Task<long> AnswerEndlesslyAsync(TcpListener listener)
        {
            using var connection = await listener.AcceptSocketAsync(Stop);
            var piece = new byte[1 << 16];
            await connection.ReceiveAsync(piece, Stop);
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), Stop);
            var written = 0L;
            try
            {
                while (true)
                    written += await connection.SendAsync(piece, Stop);
            }
            catch (SocketException)
            {
                return written;
            }
        }
    }

    [Fact]
    public async Task Endless_headers_end_the_attempt()
    {
        await using var receiver = await WebhookReceiver.StartAsync(context =>
        {
            for (var i = 0; i < 100; i++)
                context.Response.Headers[$"x-{i}"] = new string('x', 1024);
            return Task.CompletedTask;
        });
        Assert.Equal(AttemptEnd.Disconnected, (await TellAsync(receiver.Url)).Ending);
    }

    [Theory]
    [InlineData("120", 119, 121)]
    [InlineData("Sun, 01 Mar 2026 13:00:00 GMT", 3599, 3601)]
    [InlineData("soon", 4, 6)]
    public async Task A_retry_after_is_honoured(string value, int least, int most)
    {
        await using var receiver = await WebhookReceiver.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = value;
            return Task.CompletedTask;
        });
        await using var node = await TellingNode.StartAsync(DatabaseUnderTest.SqliteAsync);
        await node.CompleteAsync(receiver.Url);
        await node.DeliverAsync();
        var delivery = (await node.DeliveryAsync()).Delivery;
        Assert.Equal(DeliveryState.Pending, delivery.State);
        Assert.InRange((delivery.DueAt - node.Time.GetUtcNow()).TotalSeconds, least, most);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_loopback_address_that_is_not_allowed_is_never_connected_to(string host)
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        var url = new UriBuilder(receiver.Url) { Host = host }.Uri;
        Assert.Equal(AttemptEnd.AddressRefused, (await TellAsync(url, allow: "10.0.0.0/8")).Ending);
        Assert.Empty(receiver.Received);
        Assert.Equal(AttemptEnd.Taken, (await TellAsync(url, allow: host)).Ending);
    }

    [Fact]
    public async Task Plain_http_leaves_the_machine_on_no_allowance() =>
        Assert.Equal(AttemptEnd.AddressRefused, (await TellAsync(new Uri("http://10.9.8.7/"), allow: "10.0.0.0/8")).Ending);

    [Fact]
    public async Task A_host_that_nobody_knows_is_tried_again() =>
        Assert.Equal(AttemptEnd.NoSuchHost, (await TellAsync(new Uri("https://bot.invalid/"))).Ending);

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_gets_no_message()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var receiver = await WebhookReceiver.StartAsync(_ => Task.CompletedTask, certificate);
        Assert.Equal(AttemptEnd.Untrusted, (await TellAsync(receiver.Url)).Ending);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_receiver_that_speaks_no_tls_gets_no_message()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        Assert.NotEqual(AttemptEnd.Taken, (await TellAsync(new UriBuilder(receiver.Url) { Scheme = "https" }.Uri)).Ending);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task The_legacy_signature_is_there_where_the_operator_wants_it()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        await using var node = await TellingNode.StartAsync(DatabaseUnderTest.SqliteAsync);
        var endpoint = await node.Get<WebhookEndpoints>().FindOrAddAsync("local", receiver.Url, Stop);
        await node.Get<WebhookEndpoints>().ChangeAsync(endpoint.Id, enabled: null, legacySignature: true, AuditEntry.Operator, Stop);
        await node.CompleteAsync(receiver.Url);
        await node.DeliverAsync();

        // As a bot written for CliniSandbox does it.
        var told = Assert.Single(receiver.Received);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(node.Secret), told.Body)), told.Headers["x-clinisandbox-signature"]);
        Assert.True(DocumentedVerifier.Holds(node.Secret, told, node.Time.GetUtcNow()));
    }

    [Fact]
    public async Task The_result_goes_along_where_the_site_wants_it()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        await using var node = await TellingNode.StartAsync(DatabaseUnderTest.SqliteAsync, new WebhookOptions { Allow = ["127.0.0.1"], IncludeResult = true });
        await node.CompleteAsync(receiver.Url);
        var cancelled = await node.AdmitAsync(receiver.Url);
        await node.Get<Lazaret.Node.Jobs.JobQueue>().CancelAsync(cancelled.Id, Lazaret.Node.Jobs.JobKind.Diagnosis, "local", Stop);
        await node.DeliverAsync();
        Assert.EndsWith(""","status":"COMPLETED","result":{"diagnosis":"POSITIVE"}}}""", Encoding.UTF8.GetString(receiver.Received[0].Body), StringComparison.Ordinal);
        Assert.EndsWith(""","status":"FAILED","result":null}}""", Encoding.UTF8.GetString(receiver.Received[1].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_token_nor_secret_lies_in_the_database_in_clear()
    {
        await using var receiver = await WebhookReceiver.StartAsync(500);
        await using var node = await TellingNode.StartAsync(DatabaseUnderTest.SqliteAsync);
        await node.CompleteAsync(receiver.Url);
        await node.DeliverAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(node.Folder, "state"), "lazaret.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Stop);
            var text = Encoding.Latin1.GetString(bytes.ToArray());
            Assert.DoesNotContain("qvzx", text, StringComparison.Ordinal);
            Assert.DoesNotContain(node.Secret["whsec_".Length..], text, StringComparison.Ordinal);
        }
    }

    private static async Task<WebhookAttempt> TellAsync(Uri url, string allow = "127.0.0.1", int seconds = 30)
    {
        await using var node = await TellingNode.StartAsync(DatabaseUnderTest.SqliteAsync, new WebhookOptions { Allow = [allow], TimeoutSeconds = seconds, ConnectSeconds = seconds });
        await node.CompleteAsync(url);
        Assert.Equal(1, await node.DeliverAsync());
        var delivery = await node.DeliveryAsync();
        var attempt = Assert.Single(delivery.Attempts);
        Assert.Equal(attempt.Ending == AttemptEnd.Taken ? DeliveryState.Delivered : DeliveryState.Pending, delivery.Delivery.State);
        return attempt;
    }

    private static async Task<(AttemptEnd Ending, int? Status)> EndOfAsync(Uri url)
    {
        var attempt = await TellAsync(url);
        return (attempt.Ending, attempt.Status);
    }
}
