using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

public sealed class BackupSqliteTests() : BackupTests(() => Task.FromResult<(string, string)[]>([]));

public sealed class BackupPostgresTests() : BackupTests(async () =>
    [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", $"{await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()};Password=s3cret;Pooling=false")]);

/// <summary>Backups of a node, on each kind of database.</summary>
public abstract class BackupTests(Func<Task<(string Key, string Value)[]>> makeDatabase) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Backup => _folder["it's a backup"];

    [Fact]
    public async Task A_backup_made_under_load_is_restored_elsewhere_with_every_result_that_was_there()
    {
        var (state, database) = (_folder.MakePrivate("state"), await makeDatabase());
        await SampleModel.AddAsync(state, database);
        var before = new Dictionary<string, string>();
        await using (var node = await HostedNode.ServeAsync(state, database))
        {
            for (var i = 0; i < 3; i++)
            {
                var path = await SampleModel.AdmitAsync(node);
                before[path] = (await node.WaitAsync(path, "QUEUED", "PROCESSING"))["result"]!.ToJsonString();
            }

            using var enough = new CancellationTokenSource();
            var load = AdmitUntilAsync(node, enough.Token);
            var made = await HostedNode.RunAsync(state, ["backup", Backup], database);
            await enough.CancelAsync();
            Assert.True(made.ExitCode == 0, made.Error);
            Assert.DoesNotContain("s3cret", made.Output + made.Error, StringComparison.Ordinal);
            Assert.Matches(@"Not in it: the key \S+ \(fingerprint [0-9a-f]{32}\)", made.Output);
            Assert.Contains("Not in it: the image of sepsis@1.0.0 (sha256:", made.Output, StringComparison.Ordinal);
            Assert.True(await load > 0);

            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Backup));
            Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.part").Concat(Directory.EnumerateFiles(_folder.Path, "*.database")));
            var again = await HostedNode.RunAsync(state, ["backup", Backup], database);
            Assert.Equal(2, again.ExitCode);
            Assert.Contains("overwrites nothing", again.Error, StringComparison.Ordinal);
            Assert.Equal(3, (await NodeProcess.RunAsync(state, ["restore", Backup, "--force"], database)).ExitCode);
        }

        var fresh = _folder.MakePrivate("fresh");
        var elsewhere = await makeDatabase();
        var restored = await NodeProcess.RunAsync(fresh, ["restore", Backup], elsewhere);
        Assert.True(restored.ExitCode == 0, restored.Error);
        Assert.Matches(@"still missing: the key \S+ \(fingerprint [0-9a-f]{32}\) is not in", restored.Error);
        Assert.Contains("still missing: the image of sepsis@1.0.0", restored.Error, StringComparison.Ordinal);
        Assert.Contains("records sealed under keys that are not in", restored.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await NodeProcess.RunAsync(fresh, ["serve", "--urls", "http://127.0.0.1:0"], elsewhere)).ExitCode);
        Assert.Equal(3, (await HostedNode.RunAsync(fresh, ["keys", "init"], elsewhere)).ExitCode);
        Assert.False(File.Exists(Path.Combine(fresh, "keys.json")));

        File.Copy(Path.Combine(state, "keys.json"), Path.Combine(fresh, "keys.json"));
        await using var second = await HostedNode.ServeAsync(fresh, elsewhere);
        foreach (var (path, result) in before)
            Assert.Equal(result, (await second.WaitAsync(path))["result"]!.ToJsonString());
    }

    [Fact]
    public async Task With_its_images_it_needs_the_key_ring_alone()
    {
        var (state, database) = (_folder.MakePrivate("state"), await makeDatabase());
        await SampleModel.AddAsync(state, database);
        await using (await HostedNode.ServeAsync(state, "api", database))
        {
        }

        Assert.Equal(0, (await HostedNode.RunAsync(state, ["backup", Backup, "--with-images"], database)).ExitCode);
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["backup", "verify", Backup])).ExitCode);

        var (fresh, elsewhere) = (_folder.MakePrivate("fresh"), await makeDatabase());
        File.Copy(Path.Combine(state, "keys.json"), Path.Combine(fresh, "keys.json"));
        var restored = await NodeProcess.RunAsync(fresh, ["restore", Backup], elsewhere);
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        Assert.Equal(0, (await HostedNode.RunAsync(fresh, ["models", "verify"], elsewhere)).ExitCode);
        await using (var node = await HostedNode.ServeAsync(fresh, elsewhere))
            Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(await SampleModel.AdmitAsync(node), "QUEUED", "PROCESSING"))["status"]);

        // It replaces nothing without being told to; then it does, and the audit says so.
        var refused = await NodeProcess.RunAsync(fresh, ["restore", Backup], elsewhere);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        var forced = await NodeProcess.RunAsync(fresh, ["restore", Backup, "--force"], elsewhere);
        Assert.True(forced.ExitCode == 0, forced.Error);
        var audit = (await NodeProcess.RunAsync(fresh, ["audit", "export"], elsewhere)).Output;
        Assert.Contains("backup_begun", audit, StringComparison.Ordinal);
        Assert.Contains("backup_restored", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_damaged_or_cut_off_is_found_by_verify_and_not_restored()
    {
        var (state, database) = (_folder.MakePrivate("state"), await makeDatabase());
        await SampleModel.AddAsync(state, database);
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["backup", Backup], database)).ExitCode);
        var verified = await HostedNode.RunAsync(state, ["backup", "verify", Backup]);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.Contains("Not in it: the image of sepsis@1.0.0", verified.Output, StringComparison.Ordinal);
        await VerifyWithoutRoomAsync(state);

        var bytes = await File.ReadAllBytesAsync(Backup, Stop);
        await File.WriteAllBytesAsync(_folder["cut"], bytes[..(bytes.Length / 2)], Stop);
        await File.WriteAllBytesAsync(_folder["ended"], bytes[..^10240], Stop);
        await File.WriteAllBytesAsync(_folder["longer"], [.. bytes, .. "x\n"u8], Stop);
        await File.WriteAllBytesAsync(_folder["twice"], [.. bytes, .. bytes], Stop);
        // A byte in the middle of the database's member.
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_folder["flipped"], bytes, Stop);
        await File.WriteAllTextAsync(_folder["text"], "no backup, but a text that is long enough to be taken for the head of one: not at all, not at all, not at all, not at all", Stop);
        foreach (var (name, why) in ((string, string)[])[("cut", ""), ("ended", ""), ("longer", "goes on after its end"), ("twice", "goes on after its end"), ("flipped", "database is not what was written"), ("text", "no backup of Lazaret's")])
        {
            var found = await HostedNode.RunAsync(state, ["backup", "verify", _folder[name]]);
            Assert.True(found.ExitCode == 1, $"{name}: {found.ExitCode} {found.Output}{found.Error}");
            Assert.Contains($"{_folder[name]}: ", found.Error, StringComparison.Ordinal);
            Assert.Contains(why, found.Error, StringComparison.Ordinal);
            var restored = await NodeProcess.RunAsync(state, ["restore", _folder[name], "--force"], database);
            Assert.Equal(2, restored.ExitCode);
            Assert.Contains(why, restored.Error, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await HostedNode.RunAsync(state, ["backup", "verify", _folder["none"]])).ExitCode);
        Assert.Contains("sepsis", (await HostedNode.RunAsync(state, ["models", "list"], database)).Output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>SQLite's database is copied to be looked at; a dump is not.</summary>
    private async Task VerifyWithoutRoomAsync(string state)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        var small = Directory.CreateDirectory(_folder["small"]).FullName;
        await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "size=4m", "lazaret-test", small);
        try
        {
            var (exitCode, _, error) = await NodeProcess.RunAsync(state, ["backup", "verify", Backup], ("TMPDIR", small));
            Assert.Equal(this is BackupSqliteTests ? 3 : 0, exitCode);
            if (exitCode != 0)
                Assert.Matches($"needs [0-9]+ MiB in {small}/?: set TMPDIR", error);
        }
        finally
        {
            await Tool.RunAsync("umount", "--lazy", small);
        }
    }

    private static async Task<int> AdmitUntilAsync(RunningNode node, CancellationToken enough)
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
