using System.Net;
using System.Text.Json.Nodes;
using static Lazaret.Tests.EndToEnd.FaultTests;

namespace Lazaret.Tests.EndToEnd;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_is_a_503_and_passes_when_there_is_room_again()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || Environment.GetEnvironmentVariable("CI") == "true", "only root can mount a small disk");
        var state = _folder.MakePrivate("state");
        await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "lazaret-test", state);
        try
        {
            Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "quick", "true")])).ExitCode);
            await using var node = await NodeProcess.ServeAsync(state);
            var before = await AdmitUntilTakenAsync(node, "before", "quick");
            Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(before, "QUEUED", "PROCESSING"))["status"]);

            var ballast = Path.Combine(state, "ballast");
            Fill(ballast);
            var refused = await UntilRefusedAsync(node);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Contains("disk", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            // What it knows it still answers.
            Assert.Equal("COMPLETED", (string?)JsonNode.Parse(await node.Client.GetStringAsync(new Uri(before, UriKind.Relative), Stop))!["status"]);

            File.Delete(ballast);
            var after = await AdmitUntilTakenAsync(node, "after", "quick");
            Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(after, "QUEUED", "PROCESSING"))["status"]);
        }
        finally
        {
            await Tool.RunAsync("umount", "--lazy", state);
        }
    }

    [Fact]
    public async Task A_backup_to_a_full_disk_names_the_disk_and_leaves_nothing_there()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || Environment.GetEnvironmentVariable("CI") == "true", "only root can mount a small disk");
        var (state, small) = (_folder.MakePrivate("state"), _folder.MakePrivate("small"));
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["migrate"])).ExitCode);
        await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "lazaret-test", small);
        try
        {
            var run = await NodeProcess.RunAsync(state, ["backup", Path.Combine(small, "node.backup")]);
            Assert.Equal(3, run.ExitCode);
            Assert.StartsWith($"lazaret: no backup was made: {small} has no room for it", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFileSystemEntries(small));
        }
        finally
        {
            await Tool.RunAsync("umount", "--lazy", small);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<HttpResponseMessage> UntilRefusedAsync(NodeProcess node)
    {
        // The database's file may have a little room of its own.
        for (var i = 0; i < 200; i++)
        {
            var answer = await ShellModel.AdmitAsync(node, "quick", $"full-{i}");
            if (answer.StatusCode != HttpStatusCode.Accepted)
                return answer;
            answer.Dispose();
        }

        throw new InvalidOperationException("the disk never was full");
    }

    private static void Fill(string file)
    {
        using var stream = File.Create(file);
        try
        {
            var block = new byte[4096];
            while (true)
            {
                stream.Write(block);
                stream.Flush();
            }
        }
        catch (IOException)
        {
            // There is no room any more.
        }
    }
}
