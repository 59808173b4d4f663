using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

/// <summary>How a job stands, as server-sent events.</summary>
public sealed class CohortEventTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_tells_each_status_once_and_ends_with_the_job()
    {
        // Nobody works here: what is admitted waits.
        await using var node = await HostedNode.ServeAsync(_folder.MakePrivate("state"), "api", ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"));
        var job = await AdmitAsync(node);
        using var response = await OpenAsync(node, job);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await using var body = await response.Content.ReadAsStreamAsync(Stop);
        var events = SseParser.Create(body).EnumerateAsync(Stop).GetAsyncEnumerator(Stop);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(("status", """{"status":"queued"}"""), (events.Current.EventType, events.Current.Data));
        using var cancelled = await node.Client.DeleteAsync(job, Stop);
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("""{"status":"cancelled"}""", events.Current.Data);
        Assert.False(await events.MoveNextAsync());

        using var unknown = await OpenAsync(node, new Uri($"/jobs/{Guid.NewGuid()}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task A_requester_with_many_streams_is_told_how_the_job_stands_and_let_go()
    {
        await using var node = await HostedNode.ServeAsync(_folder.MakePrivate("state"), "api", ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"));
        var job = await AdmitAsync(node);
        var open = new List<HttpResponseMessage>();
        try
        {
            for (var i = 0; i < 8; i++)
                open.Add(await OpenAsync(node, job));
            // To its end, though the job waits.
            Assert.Contains("""data: {"status":"queued"}""", await node.Client.GetStringAsync(Events(job), Stop), StringComparison.Ordinal);
        }
        finally
        {
            open.ForEach(response => response.Dispose());
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Uri Events(Uri job) => new($"{job}/events", UriKind.Relative);

    private static async Task<HttpResponseMessage> OpenAsync(HostedNode node, Uri job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Events(job));
        return await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    private static async Task<Uri> AdmitAsync(HostedNode node)
    {
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
        using var admitted = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.True(admitted.StatusCode == HttpStatusCode.Accepted, await admitted.Content.ReadAsStringAsync(Stop));
        return new Uri((string)JsonNode.Parse(await admitted.Content.ReadAsStringAsync(Stop))!["job_id"]! is var id ? $"/jobs/{id}" : "", UriKind.Relative);
    }
}
