using System.Security.Cryptography;
using Lazaret.Node.Images;

namespace Lazaret.Tests.Images;

public sealed class SquashfsImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_squashfs_file_becomes_the_folder_it_was_made_of()
    {
        var root = Directory.CreateDirectory(_folder["root"]).FullName;
        Directory.CreateDirectory(Path.Combine(root, "a b", "c"));
        await File.WriteAllTextAsync(Path.Combine(root, "a b", "x y"), "text", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(root, "large"), new Random(3).GetItems<byte>([0, 1, 2, 255], 3_000_000), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(root, "\"odd\\ name"), "", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(root, "link to"), "/a b/x y");
        File.SetUnixFileMode(Path.Combine(root, "large"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser);
        await Tool.RunAsync("ln", Path.Combine(root, "a b", "x y"), Path.Combine(root, "1st"));

        using var image = ImageSource.Open(await SquashAsync(root), new ImageLimits());
        image.Unpack(_folder["out"]);
        Assert.Equal(ImageDigest.Of(root), ImageDigest.Of(_folder["out"]));
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(_folder["root.sqsh"], TestContext.Current.CancellationToken))), image.Digest);
        Assert.Equal(ImageWriter.ReadOnly | ImageWriter.Executable, File.GetUnixFileMode(_folder["out/large"]));
    }

    [Fact]
    public async Task What_no_image_may_hold_is_refused_before_anything_is_written()
    {
        var root = Directory.CreateDirectory(_folder["root"]).FullName;
        await Tool.RunAsync("mkfifo", Path.Combine(root, "pipe"));
        Assert.Contains("neither file, folder nor link: pipe", await RefuseAsync(root), StringComparison.Ordinal);
        File.Delete(Path.Combine(root, "pipe"));
        File.CreateSymbolicLink(Path.Combine(root, "link"), "../../etc");
        Assert.Contains("a link that leaves it: link", await RefuseAsync(root), StringComparison.Ordinal);
        File.Delete(Path.Combine(root, "link"));
        await File.WriteAllBytesAsync(Path.Combine(root, "zeros"), new byte[2 << 20], TestContext.Current.CancellationToken);
        Assert.Contains("more than 1 MiB", await RefuseAsync(root), StringComparison.Ordinal);
        File.Delete(Path.Combine(root, "zeros"));
        await File.WriteAllTextAsync(Path.Combine(root, "a S 1 777 0 0 x\nb"), "", TestContext.Current.CancellationToken);
        await RefuseAsync(root);
    }

    [Fact]
    public async Task A_torn_or_damaged_file_is_refused()
    {
        var root = Directory.CreateDirectory(_folder["root"]).FullName;
        await File.WriteAllBytesAsync(Path.Combine(root, "data"), new Random(3).GetItems<byte>([0, 1, 2, 255], 300_000), TestContext.Current.CancellationToken);
        var bytes = await File.ReadAllBytesAsync(await SquashAsync(root), TestContext.Current.CancellationToken);
        foreach (var damaged in (byte[][])[bytes[..100], bytes[..(bytes.Length / 2)], [.. bytes[..200], .. new byte[4000], .. bytes[4200..]]])
        {
            await File.WriteAllBytesAsync(_folder["damaged"], damaged, TestContext.Current.CancellationToken);
            Assert.Throws<InvalidDataException>(() => ImageSource.Open(_folder["damaged"], new ImageLimits()));
        }
    }

    [Fact]
    public async Task One_that_is_written_to_between_the_two_readings_is_refused()
    {
        var root = Directory.CreateDirectory(_folder["root"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "data"), "one", TestContext.Current.CancellationToken);
        var file = await SquashAsync(root);
        using var image = ImageSource.Open(file, new ImageLimits());
        // In its place, where the descriptor still leads.
        await File.WriteAllTextAsync(Path.Combine(root, "data"), "two", TestContext.Current.CancellationToken);
        await Tool.RunAsync("mksquashfs", root, _folder["other"], "-noappend", "-quiet", "-no-progress");
        await using (var writer = new FileStream(file, FileMode.Open))
            await writer.WriteAsync(await File.ReadAllBytesAsync(_folder["other"], TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.Contains("changed", Assert.Throws<InvalidDataException>(() => image.Unpack(_folder["out"])).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> RefuseAsync(string root)
    {
        var file = await SquashAsync(root);
        var limits = new ImageLimits { Bytes = 1 << 20 };
        return Assert.Throws<InvalidDataException>(() => ImageSource.Open(file, limits)).Message;
    }

    private async Task<string> SquashAsync(string root)
    {
        if (!File.Exists("/usr/bin/mksquashfs") && Environment.GetEnvironmentVariable("CI") != "true")
            Assert.Skip("mksquashfs is missing: apt install squashfs-tools");
        await Tool.RunAsync("mksquashfs", root, _folder["root.sqsh"], "-noappend", "-quiet", "-no-progress");
        return _folder["root.sqsh"];
    }
}
