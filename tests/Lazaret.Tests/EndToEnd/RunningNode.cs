using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A node that serves on a free loopback port out of a temporary state folder. Each of its answers is compared with the interface's description.</summary>
internal abstract class RunningNode : IAsyncDisposable
{
    public HttpClient Client { get; } = new(new DescribedAnswers());

    /// <summary>What the node has written so far.</summary>
    public abstract string Log { get; }

    /// <summary>The fastest sandbox: what is tested here is the node.</summary>
    protected static IEnumerable<(string Key, string Value)> Sandbox => File.Exists("/usr/bin/bwrap") ? [("Lazaret__Sandbox__Backend", "bubblewrap")] : [];

    /// <summary>Asks for a cohort job, and waits for how it ends: in no error.</summary>
    public async Task<JsonNode> AskAsync(HttpContent form)
    {
        using var response = await Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var answer = await WaitAsync(response.Headers.Location!.ToString(), "queued", "running");
        Assert.True((string?)answer["status"] != "error", $"{answer["error"]}\n{Log}");
        return answer;
    }

    /// <summary>Polls until the job's status is none of those.</summary>
    public async Task<JsonNode> WaitAsync(string path, params string[] whileStatus)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            var job = JsonNode.Parse(await Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken))!;
            if (!whileStatus.Contains((string?)job["status"]))
                return job;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"{path} is still {string.Join(" or ", whileStatus)}:\n{Log}");
    }

    public abstract ValueTask DisposeAsync();
}
