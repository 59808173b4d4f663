using System.Text.Json.Nodes;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _state;

    public BackupTests() => _state = _folder.MakePrivate("state");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_made_under_load_is_restored_elsewhere_with_every_result_that_was_there()
    {
        await SampleModel.AddAsync(_state);
        var backup = _folder["lazaret.backup"];
        var before = new Dictionary<string, string>();
        await using (var node = await NodeProcess.ServeAsync(_state))
        {
            for (var i = 0; i < 3; i++)
            {
                var path = await SampleModel.AdmitAsync(node);
                before[path] = (await node.WaitAsync(path, "QUEUED", "PROCESSING"))["result"]!.ToJsonString();
            }

            using var enough = new CancellationTokenSource();
            var load = AdmitUntilAsync(node, enough.Token);
            var made = await NodeProcess.RunAsync(_state, ["backup", backup]);
            await enough.CancelAsync();
            Assert.True(made.ExitCode == 0, made.Error);
            Assert.Contains("keys.json", made.Output, StringComparison.Ordinal);
            Assert.True(await load > 0);

            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(backup));
            var again = await NodeProcess.RunAsync(_state, ["backup", backup]);
            Assert.Equal(2, again.ExitCode);
            Assert.Contains("overwrites nothing", again.Error, StringComparison.Ordinal);
            Assert.Equal(3, (await NodeProcess.RunAsync(_state, ["restore", backup, "--force"])).ExitCode);
        }

        var fresh = _folder.MakePrivate("fresh");
        var keyless = await NodeProcess.RunAsync(fresh, ["restore", backup]);
        Assert.True(keyless.ExitCode == 0, keyless.Error);
        Assert.Contains("records sealed under keys that are not in", keyless.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await NodeProcess.RunAsync(fresh, ["serve", "--urls", "http://127.0.0.1:0"])).ExitCode);
        Assert.Equal(3, (await NodeProcess.RunAsync(fresh, ["keys", "init"])).ExitCode);
        var doctor = JsonNode.Parse((await NodeProcess.RunAsync(fresh, ["doctor", "--json"])).Output)!.AsArray();
        var keys = doctor.Single(finding => (string?)finding!["what"] == "keys file")!;
        Assert.False((bool)keys["ok"]!);
        Assert.Contains("put the copy of its key ring back", (string?)keys["why"], StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(fresh, "keys.json")));

        File.Copy(Path.Combine(_state, "keys.json"), Path.Combine(fresh, "keys.json"));
        var restored = await NodeProcess.RunAsync(fresh, ["restore", backup, "--force"]);
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        await using var second = await NodeProcess.ServeAsync(fresh);
        foreach (var (path, result) in before)
            Assert.Equal(result, (await second.WaitAsync(path))["result"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_no_backup_or_would_overwrite_is_not_restored()
    {
        await SampleModel.AddAsync(_state);
        var (backup, damaged, text) = (_folder["backup"], _folder["damaged"], _folder["text"]);
        Assert.Equal(0, (await NodeProcess.RunAsync(_state, ["backup", backup])).ExitCode);
        var bytes = await File.ReadAllBytesAsync(backup, Stop);
        await File.WriteAllBytesAsync(damaged, bytes[..(bytes.Length / 2)], Stop);
        await File.WriteAllTextAsync(text, "no database, but a text that is long enough to be taken for the head of one: not at all, not at all, not at all, not at all", Stop);

        foreach (var (file, why) in ((string, string)[])[(damaged, "damaged: "), (text, "text: is no backup"), (_folder["none"], "there is no such file"), (backup, "--force")])
        {
            var refused = await NodeProcess.RunAsync(_state, ["restore", file]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(why, refused.Error, StringComparison.Ordinal);
        }

        Assert.Contains("sepsis", (await NodeProcess.RunAsync(_state, ["models", "list"])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await NodeProcess.RunAsync(_state, ["restore", backup, "--force"])).ExitCode);
        var audit = (await NodeProcess.RunAsync(_state, ["audit", "export"])).Output;
        Assert.Contains("backup_made", audit, StringComparison.Ordinal);
        Assert.Contains("backup_restored", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_PostgreSQL_the_lines_that_are_printed_do_it()
    {
        var server = await PostgresServer.SharedAsync();
        var (from, to) = (await server.CreateDatabaseAsync(), await server.CreateDatabaseAsync());
        var backup = _folder["it's a backup"];
        Assert.Equal(0, (await NodeProcess.RunAsync(_state, ["models", "add", SampleModel.Manifest], On(from))).ExitCode);

        await ShellAsync((await NodeProcess.RunAsync(_state, ["backup", backup], On($"{from};Password=s3cret"))).Output);
        await ShellAsync((await NodeProcess.RunAsync(_state, ["restore", backup], On(to))).Output);
        Assert.Contains("sepsis", (await NodeProcess.RunAsync(_state, ["models", "list"], On(to))).Output, StringComparison.Ordinal);

        static (string, string)[] On(string connection) => [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", connection)];

        static async Task ShellAsync(string line)
        {
            Assert.DoesNotContain("s3cret", line, StringComparison.Ordinal);
            await Tool.RunAsync("/bin/sh", "-c", line);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<int> AdmitUntilAsync(NodeProcess node, CancellationToken enough)
    {
        var count = 0;
        while (!enough.IsCancellationRequested)
        {
            await SampleModel.AdmitAsync(node);
            count++;
        }

        return count;
    }
}
