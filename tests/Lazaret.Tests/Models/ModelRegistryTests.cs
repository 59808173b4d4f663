using Lazaret.Node.Audit;
using Lazaret.Node;
using Lazaret.Node.Images;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Models;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_kept_by_digest_and_cannot_be_written_to()
    {
        await using var node = await TestNode.StartAsync();
        var added = await node.Get<ModelRegistry>().AddAsync(WriteModel("1.0.0"), Stop);

        Assert.Equal(ImageDigest.Of(_folder["image"]), added.Row.Digest);
        Assert.Equal(ImageDigest.Of(added.Root), added.Row.Digest);
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(Path.Combine(added.Root, "model/run")) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
        Assert.Equal("sepsis@1.0.0", Assert.Single(await node.Get<ModelRegistry>().ListAsync(Stop)).Name);
    }

    [Fact]
    public async Task An_image_that_is_missing_is_put_back_by_adding_the_same_version_again()
    {
        await using var node = await TestNode.StartAsync();
        var (registry, programs) = (node.Get<ModelRegistry>(), node.Get<ProgramRegistry>());
        var manifest = WriteModel("1.0.0");
        var model = await registry.AddAsync(manifest, Stop);
        node.Get<ImageStore>().Remove(model.Row.Digest);
        Assert.Contains("is missing", programs.FaultOf(model.Row), StringComparison.Ordinal);
        Assert.Contains("'lazaret models add MANIFEST' puts it back", programs.FaultOf(model.Row), StringComparison.Ordinal);

        // Another image under the same version is still refused.
        await File.AppendAllTextAsync(_folder["image/model/run"], "exit 1\n", Stop);
        Assert.Contains("a version never changes", (await Assert.ThrowsAsync<InputException>(() => registry.AddAsync(manifest, Stop))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(model.Root));

        WriteModel("1.0.0");
        Assert.Equal(model.Row.Digest, (await registry.AddAsync(manifest, Stop)).Row.Digest);
        Assert.Null(programs.FaultOf(model.Row));
        Assert.Single(await registry.ListAsync(Stop));
        Assert.Contains("registered already", (await Assert.ThrowsAsync<InputException>(() => registry.AddAsync(manifest, Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_shuts_out_no_other()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        await registry.AddAsync(WriteModel("1.0.0"), Stop);
        await registry.AddAsync(WriteModel("1.1.0"), Stop);
        await using (var db = node.Open())
            await db.Programs.Where(program => program.Version == "1.0.0").ExecuteUpdateAsync(row => row.SetProperty(program => program.Manifest, "{"), Stop);

        Assert.Equal("sepsis@1.1.0", Assert.Single(await registry.ListAsync(Stop)).Name);
        Assert.Null(await registry.FindAsync("sepsis", "1.0.0", Stop));
    }

    [Fact]
    public async Task The_digest_sees_every_byte_name_link_and_mode()
    {
        WriteModel("1.0.0");
        var digests = new HashSet<string> { ImageDigest.Of(_folder["image"]) };
        await File.AppendAllTextAsync(Path.Combine(_folder["image"], "model/run"), "x", Stop);
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        File.Move(Path.Combine(_folder["image"], "model/run"), Path.Combine(_folder["image"], "model/Run"));
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        File.SetUnixFileMode(Path.Combine(_folder["image"], "model/Run"), UnixFileMode.UserRead);
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        File.CreateSymbolicLink(Path.Combine(_folder["image"], "model/link"), "Run");
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        Directory.CreateDirectory(Path.Combine(_folder["image"], "empty"));
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
    }

    [Theory]
    [InlineData("../../outside")]
    [InlineData("/../etc/passwd")]
    [InlineData("/model/../../outside")]
    [InlineData("..//./../outside")]
    public async Task A_link_that_leaves_the_image_is_refused(string target)
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        File.CreateSymbolicLink(Path.Combine(_folder["image"], "model/link"), target);
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
        Assert.Contains("a link that leaves it: model/link", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_leads_where_a_program_inside_would_find_it()
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        var image = _folder["image"];
        File.Move(Path.Combine(image, "model/run"), Path.Combine(image, "model/box"));
        File.CreateSymbolicLink(Path.Combine(image, "model/run"), "/model/box");
        // Followed on this machine it would bring in all of the host's /etc.
        Directory.CreateSymbolicLink(Path.Combine(image, "config"), "/etc");
        var added = await node.Get<ModelRegistry>().AddAsync(manifest, Stop);
        Assert.Equal("/etc", new DirectoryInfo(Path.Combine(added.Root, "config")).LinkTarget);
        Assert.Equal("/model/box", new FileInfo(Path.Combine(added.Root, "model/run")).LinkTarget);
    }

    [Fact]
    public async Task A_program_that_only_this_machine_has_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        File.Delete(Path.Combine(_folder["image"], "model/run"));
        File.CreateSymbolicLink(Path.Combine(_folder["image"], "model/run"), "/bin/sh");
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
        Assert.Contains("it holds no file /model/run", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fifo_in_an_image_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        _folder.MakePipe("image/model/pipe");
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
        Assert.Contains("neither regular, folder nor link: model/pipe", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_never_changes()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        await registry.AddAsync(WriteModel("1.0.0"), Stop);
        await Assert.ThrowsAsync<InputException>(() => registry.AddAsync(WriteModel("1.0.0", program: "another"), Stop));
        await registry.AddAsync(WriteModel("1.0.1", program: "another"), Stop);
        Assert.Equal(2, (await registry.ListAsync(Stop)).Count);
    }

    [Fact]
    public async Task Versions_are_listed_by_accuracy_and_then_by_number()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        await registry.AddAsync(WriteModel("1.9.0", accuracy: "0.8"), Stop);
        await registry.AddAsync(WriteModel("1.10.0", accuracy: "0.8"), Stop);
        await registry.AddAsync(WriteModel("1.0.0", accuracy: "0.9"), Stop);
        Assert.Equal(["1.0.0", "1.10.0", "1.9.0"], (await registry.ListAsync(Stop)).Select(model => model.Row.Version));
    }

    [Fact]
    public async Task Removing_the_last_version_of_an_image_removes_the_image()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        var first = await registry.AddAsync(WriteModel("1.0.0"), Stop);
        await registry.AddAsync(WriteModel("1.0.1"), Stop);

        Assert.True(await node.Get<ProgramRegistry>().RemoveAsync(ProgramKind.Model, "sepsis", "1.0.0", AuditEntry.Operator, Stop));
        Assert.True(Directory.Exists(first.Root));
        Assert.True(await node.Get<ProgramRegistry>().RemoveAsync(ProgramKind.Model, "sepsis", "1.0.1", AuditEntry.Operator, Stop));
        Assert.False(Directory.Exists(first.Root));
        Assert.False(await node.Get<ProgramRegistry>().RemoveAsync(ProgramKind.Model, "sepsis", "1.0.1", AuditEntry.Operator, Stop));
    }

    [Fact]
    public async Task Of_two_adds_at_once_one_is_told_that_the_version_is_registered()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        var manifest = WriteModel("1.0.0");
        var adds = Enumerable.Range(0, 4).Select(_ => Task.Run(() => registry.AddAsync(manifest, Stop), Stop)).ToList();
        await Task.WhenAll(adds.Select(add => add.ContinueWith(_ => { }, Stop, TaskContinuationOptions.None, TaskScheduler.Default)));

        Assert.Equal(1, adds.Count(add => add.IsCompletedSuccessfully));
        Assert.All(
            adds.Where(add => add.IsFaulted),
            add => Assert.Contains("registered already", Assert.IsType<InputException>(add.Exception!.InnerException).Message, StringComparison.Ordinal));
        Assert.Single(await registry.ListAsync(Stop));
    }

    [Fact]
    public async Task The_next_add_sweeps_what_an_interrupted_one_left_and_nothing_else()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        var first = await registry.AddAsync(WriteModel("1.0.0"), Stop);
        var left = Directory.CreateDirectory(Path.Combine(node.Get<StateFolder>().Models, "unpacking-00"));
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "half"), "", Stop);
        var second = await registry.AddAsync(WriteModel("1.0.1", program: "another"), Stop);
        Assert.False(Directory.Exists(left.FullName));
        Assert.Null(node.Get<ProgramRegistry>().FaultOf(first.Row));
        Assert.Null(node.Get<ProgramRegistry>().FaultOf(second.Row));
    }

    [Fact]
    public async Task A_refused_add_leaves_nothing()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        var added = await registry.AddAsync(WriteModel("1.0.0"), Stop);
        await Assert.ThrowsAsync<InputException>(() => registry.AddAsync(WriteModel("1.0.0", program: "another"), Stop));
        Assert.Equal([added.Root], Directory.EnumerateDirectories(node.Get<StateFolder>().Models));
    }

    [Theory]
    [InlineData("", "is a folder")]
    [InlineData("nothing.yaml", "there is no such file")]
    [InlineData("/proc/self/mem", "cannot be read")]
    public async Task A_manifest_that_cannot_be_read_is_named(string name, string why)
    {
        await using var node = await TestNode.StartAsync();
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(_folder[name], Stop));
        Assert.StartsWith($"{_folder[name]}: {why}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_limit_beyond_the_sites_is_named_and_a_lowered_one_holds_for_what_is_registered()
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        await File.AppendAllTextAsync(manifest, "\nlimits: {memory: 9GiB, cpus: 1000, pids: 2000, timeout: 2h, output: 512KiB, log: 2MiB}\n", Stop);
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
        Assert.Equal(["memory", "cpus", "pids", "timeout", "log"], refusal.Message.Split('\n').Select(line => line.Split(": ")[1]["limits.".Length..]));
        Assert.All(refusal.Message.Split('\n'), line => Assert.Contains("Lazaret:Sandbox:Limits:", line, StringComparison.Ordinal));

        var asked = new SandboxLimits { Memory = 1 << 30, Cpus = 2, Pids = 100, Timeout = TimeSpan.FromMinutes(5), Output = 1 << 20, Log = 1 << 16 };
        var lowered = new LimitOptions { MemoryMiB = 64, Cpus = 0.5, Pids = 10, TimeoutSeconds = 3, OutputKiB = 4, LogKiB = 2 };
        Assert.Equal(
            new SandboxLimits { Memory = 64 << 20, Cpus = 0.5, Pids = 10, Timeout = TimeSpan.FromSeconds(3), Output = 4 << 10, Log = 2 << 10 },
            lowered.Bound(asked));
        Assert.Equal(asked, new LimitOptions { Cpus = 4 }.Bound(asked));
    }

    public void Dispose() => _folder.Dispose();

    private string WriteModel(string version, string accuracy = "0.9", string program = "#!/bin/sh\n") =>
        TinyModel.Write(_folder, version, accuracy, program);
}
