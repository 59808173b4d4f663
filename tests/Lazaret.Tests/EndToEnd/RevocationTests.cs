using System.Diagnostics;
using System.Net;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A key that a command revokes, at two nodes of one site that know it already.</summary>
public sealed class RevocationTests : IDisposable
{
    private static readonly Uri Catalog = new("/v1/models", UriKind.Relative);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_processes_agree_within_a_second_of_a_revocation()
    {
        var key = (await HostedNode.RunAsync(_folder.Path, ["requesters", "add", "bot"])).Output.Trim();
        await using var first = await NodeProcess.ServeAsync(_folder.Path, "api", ("Lazaret__Auth__Modes__0", "key"));
        await using var second = await NodeProcess.ServeAsync(_folder.Path, "api", ("Lazaret__Auth__Modes__0", "key"));
        foreach (var node in new[] { first, second })
        {
            node.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            Assert.Equal(HttpStatusCode.OK, await AskAsync(node));
        }

        // Each is asked all the while.
        var ended = Task.WhenAll(EndAsync(first), EndAsync(second));
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["requesters", "revoke", "bot"])).ExitCode);
        var revoked = Stopwatch.GetTimestamp();
        foreach (var last in await ended.WaitAsync(TimeSpan.FromSeconds(30), Stop))
            Assert.True(Stopwatch.GetElapsedTime(revoked, last) < TimeSpan.FromSeconds(1), "a revoked key was good for longer than a second");

        static async Task<long> EndAsync(NodeProcess node)
        {
            var last = Stopwatch.GetTimestamp();
            while (await AskAsync(node) == HttpStatusCode.OK)
            {
                last = Stopwatch.GetTimestamp();
                await Task.Delay(20, Stop);
            }

            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(node));
            return last;
        }
    }

    private static async Task<HttpStatusCode> AskAsync(NodeProcess node)
    {
        using var answer = await node.Client.GetAsync(Catalog, Stop);
        return answer.StatusCode;
    }
}
