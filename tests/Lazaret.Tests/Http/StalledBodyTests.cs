using System.Net;
using System.Net.Sockets;
using System.Text;
using Lazaret.Node;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Http;

/// <summary>Clients that begin, and do not go on, on real connections.</summary>
public sealed class StalledBodyTests
{
    private const int Begun = 1 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/diagnose", "application/json", "application/problem+json")]
    [InlineData("/jobs", "multipart/form-data; boundary=x", "application/problem+json")]
    [InlineData("/fhir/Library/quick/$evaluate", "application/fhir+json", "application/fhir+json")]
    [InlineData("/cds-services/quick", "application/json", "application/fhir+json")]
    public async Task A_body_that_does_not_arrive_in_time_is_ended(string path, string type, string answer)
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = new HttpOptions { BodySeconds = 1 } });
        // Fast enough on average for days.
        using var client = await node.BeginAsync(path, type, 10 << 20, Start(path, Begun));
        var (said, buffer) = ("", new byte[4096]);
        while (!said.Contains("did not arrive in time", StringComparison.Ordinal))
            said += Encoding.UTF8.GetString(buffer, 0, await client.GetStream().ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: true, Stop));
        Assert.StartsWith("HTTP/1.1 408 Request Timeout", said, StringComparison.Ordinal);
        Assert.Contains($"Content-Type: {answer}", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stalled_bodies_make_room_for_honest_ones()
    {
        await using var node = await ServingNode.StartAsync(Small);
        var stalled = new List<TcpClient>();
        for (var i = 0; i < 9; i++)
            stalled.Add(await node.BeginAsync(i % 2 == 0 ? "/jobs" : "/v1/diagnose", i % 2 == 0 ? "multipart/form-data; boundary=x" : "application/json", Begun, Start(i % 2 == 0 ? "/jobs" : "/v1/diagnose", Begun - 100)));

        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
        using var admitted = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        foreach (var client in stalled)
            client.Dispose();
    }

    [Fact]
    public async Task A_full_memory_is_answered_503_and_when_to_come_again()
    {
        await using var node = await ServingNode.StartAsync(Small);
        var shares = Enumerable.Range(0, 4).Select(_ => node.Services.GetRequiredService<BodyMemory>().Open()).ToList();
        foreach (var share in shares)
        {
            await share.TakeAsync(1 << 20, Stop);
            share.Arrived();
        }

        using var refused = await node.Client.PostAsync(new Uri("/v1/diagnose", UriKind.Relative), new StringContent("{}", null, "application/json"), Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        using var probe = await node.Client.GetAsync(new Uri("/healthz", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }

    [Fact]
    public async Task A_connection_too_many_is_closed()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = new HttpOptions { MaxConnectionsPerAddress = 2 } });
        using var first = await node.BeginAsync("/v1/diagnose", "application/json", 100, "{"u8.ToArray());
        Assert.Equal(HttpStatusCode.OK, (await node.Client.GetAsync(new Uri("/healthz", UriKind.Relative), Stop)).StatusCode);
        using var third = new TcpClient(node.Client.BaseAddress!.Host, node.Client.BaseAddress.Port);
        Assert.Equal(0, await ReadAsync(third));
    }

    [Fact]
    public async Task Requests_beyond_those_at_work_are_answered_503_but_health_checks_pass()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = new HttpOptions { MaxRequests = 1 } });
        HttpResponseMessage busy;
        TcpClient? first = null;
        do
        {
            // The one before may have come while this test's own question was at work, and have been refused itself.
            first?.Dispose();
            first = await node.BeginAsync("/v1/diagnose", "application/json", 100, "{"u8.ToArray());
            busy = await node.Client.GetAsync(new Uri("/fhir/metadata", UriKind.Relative), Stop);
        }
        while (busy.StatusCode == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
        Assert.NotNull(busy.Headers.RetryAfter);
        Assert.Contains("throttled", await busy.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await node.Client.GetAsync(new Uri("/healthz", UriKind.Relative), Stop)).StatusCode);
        first.Dispose();
    }

    private static NodeOptions Small(NodeOptions options) => options with
    {
        Http = new HttpOptions { BodyMemoryMiB = 4 },
        Cohorts = new CohortOptions { MaxUploadMiB = 1 },
        Diagnoses = new DiagnosisOptions { MaxRequestMiB = 1 },
    };

    private static byte[] Start(string path, int length)
    {
        var head = Encoding.ASCII.GetBytes(path == "/jobs" ? "--x\r\nContent-Disposition: form-data; name=map_file\r\n\r\n" : "{\"client_id\":\"");
        byte[] start = [.. head, .. Enumerable.Repeat((byte)'a', length - head.Length)];
        // As a map that came packed it is kept as it is.
        if (path == "/jobs")
            (start[head.Length], start[head.Length + 1]) = (0x1f, 0x8b);
        return start;
    }

    private static async Task<int> ReadAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1], Stop);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
