using Lazaret.Node;
using Lazaret.Node.Images;
using Lazaret.Node.Models;
using Lazaret.Node.Storage;

namespace Lazaret.Tests.Models;

/// <summary>What a manifest's author could have taken from the host by whoever registers it.</summary>
public sealed class HostileManifestTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _host = new();
    private readonly string _manifest;

    public HostileManifestTests()
    {
        _manifest = TinyModel.Write(_folder, "1.0.0");
        _host.Write("root/model/run", "#!/bin/sh\n");
        _host.Write("root/secret", "of the host");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("..", "does not lie below the manifest's folder")]
    [InlineData(".", "does not lie below the manifest's folder")]
    [InlineData("./", "does not lie below the manifest's folder")]
    [InlineData("image/../..", "does not lie below the manifest's folder")]
    [InlineData("/etc", "does not lie below the manifest's folder")]
    [InlineData("HOST/root", "does not lie below the manifest's folder")]
    [InlineData("link", "is a link")]
    [InlineData("up", "is a link")]
    [InlineData("away/root", "a link is on the way")]
    [InlineData("file/x", "neither a regular file nor a folder")]
    [InlineData("pipe", "neither a regular file nor a folder")]
    [InlineData("nothing", "there is no folder or file nothing")]
    public async Task An_image_lies_below_the_manifests_folder_with_no_link_on_the_way(string image, string why)
    {
        Directory.CreateSymbolicLink(_folder["link"], _host["root"]);
        Directory.CreateSymbolicLink(_folder["up"], "..");
        Directory.CreateSymbolicLink(_folder["away"], _host.Path);
        _folder.Write("file", "");
        await Tool.RunAsync("mkfifo", _folder["pipe"]);
        Replace("./image", image.Replace("HOST", _host.Path, StringComparison.Ordinal));
        Assert.Contains($"{_manifest}: image: ", await RefuseAsync(why), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../key")]
    [InlineData("/etc/passwd")]
    [InlineData("link.sig")]
    [InlineData("pipe")]
    [InlineData("image")]
    public async Task So_does_a_signature(string signature)
    {
        _host.Write("real.sig", "{}");
        File.CreateSymbolicLink(_folder["link.sig"], _host["real.sig"]);
        await Tool.RunAsync("mkfifo", _folder["pipe"]);
        await File.AppendAllTextAsync(_manifest, $"\nsignature: {signature}\n", Stop);
        Assert.Contains($"{_manifest}: signature: {signature}", await RefuseAsync(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hard_link_to_what_lies_outside_of_the_image_is_refused_and_one_within_is_not()
    {
        await Tool.RunAsync("ln", _folder["image/model/run"], _folder["image/model/again"]);
        await using var node = await TestNode.StartAsync();
        var added = await node.Get<ModelRegistry>().AddAsync(_manifest, Stop);
        Assert.True(File.Exists(Path.Combine(added.Root, "model/again")));

        Replace("1.0.0", "1.0.1");
        await Tool.RunAsync("ln", _host["root/secret"], _folder["image/secret"]);
        await RefuseAsync("a hard link to what lies outside of it, and so may be somebody else's file: secret");
    }

    [Theory]
    [InlineData("image.tar")]
    [InlineData("image.sqsh")]
    public async Task An_image_file_that_is_a_hard_link_is_refused(string file)
    {
        _host.Write(file, "hsqs");
        await Tool.RunAsync("ln", _host[file], _folder[file]);
        Replace("./image", file);
        await RefuseAsync($"{file} is a hard link");
    }

    [Fact]
    public async Task What_belongs_to_another_user_is_not_the_authors_to_give()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root makes another user's files");
        await Tool.RunAsync("chown", "-R", "65533", _folder.Path);
        await Tool.RunAsync("chown", "65532", _folder["image/model/run"]);
        await RefuseAsync("model/run belongs to another user");
        await Tool.RunAsync("chown", "65533", _folder["image/model/run"]);
        await Tool.RunAsync("chown", "65532", _folder["image/model"]);
        await RefuseAsync("model belongs to another user");
        // As in /tmp, where root's folders lie beside anybody's manifest.
        await Tool.RunAsync("chown", "-R", "0", _folder["image"]);
        await RefuseAsync("./image belongs to another user than the manifest");
        await Tool.RunAsync("chown", "0", _manifest);
        await using var node = await TestNode.StartAsync();
        await node.Get<ModelRegistry>().AddAsync(_manifest, Stop);
    }

    [Fact]
    public async Task Devices_sockets_and_mounts_in_a_root_folder_are_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root makes devices");
        await Tool.RunAsync("mknod", _folder["image/memory"], "c", "1", "1");
        await RefuseAsync("neither regular, folder nor link: memory");
        File.Delete(_folder["image/memory"]);
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0))
        {
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(_folder["image/socket"]));
            await RefuseAsync("neither regular, folder nor link: socket");
        }

        File.Delete(_folder["image/socket"]);
        Directory.CreateDirectory(_folder["image/etc"]);
        await Tool.RunAsync("mount", "--bind", _host["root"], _folder["image/etc"]);
        try
        {
            await RefuseAsync("something is mounted in the image: etc");
        }
        finally
        {
            await Tool.RunAsync("umount", _folder["image/etc"]);
        }
    }

    [Fact]
    public void What_was_checked_is_what_is_copied_whatever_its_name_leads_to_by_then()
    {
        using var beside = SourceFolder.Of(_manifest, File.ReadAllText(_manifest));
        using var image = ImageSource.Open(beside, "./image", new ImageLimits());
        Directory.Move(_folder["image"], _folder["moved"]);
        Directory.CreateSymbolicLink(_folder["image"], _host["root"]);
        image.Unpack(_host["out"]);
        Assert.Equal(image.Digest, ImageDigest.Of(_host["out"]));
        Assert.False(File.Exists(_host["out/secret"]));
    }

    [Fact]
    public void A_manifest_that_was_exchanged_since_it_was_read_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => SourceFolder.Of(_manifest, "key: another"));
        File.Move(_manifest, _host["manifest.yaml"]);
        File.CreateSymbolicLink(_manifest, _host["manifest.yaml"]);
        Assert.Throws<InvalidDataException>(() => SourceFolder.Of(_manifest, File.ReadAllText(_manifest)));
    }

    [Fact]
    public async Task Nobody_waits_for_the_registry_while_a_strangers_image_is_read()
    {
        await using var node = await TestNode.StartAsync();
        node.Get<StateFolder>().Create();
        using var turn = await node.Get<ImageStore>().TakeTurnAsync(Stop);
        File.Delete(_folder["image/model/run"]);
        // Read, unpacked and refused, while somebody else has the turn.
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(_manifest, Stop).WaitAsync(Patience, Stop));
        Assert.Contains("it holds no file /model/run", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _host.Dispose();
    }

    private async Task<string> RefuseAsync(string why)
    {
        await using var node = await TestNode.StartAsync();
        var refusal = await Assert.ThrowsAsync<InputException>(() => Task.Run(() => node.Get<ModelRegistry>().AddAsync(_manifest, Stop), Stop).WaitAsync(Patience, Stop));
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(node.Get<StateFolder>().Models));
        return refusal.Message;
    }

    private void Replace(string old, string with) => File.WriteAllText(_manifest, File.ReadAllText(_manifest).Replace(old, with, StringComparison.Ordinal));
}
