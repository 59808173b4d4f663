using Lazaret.Node.Images;
using Lazaret.Node.Linux;

namespace Lazaret.Tests.Images;

public sealed class PinnedImagesTests : IDisposable
{
    private const string Other = "sha256:other";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_folder_that_matches_one_digest_does_not_match_another()
    {
        _folder.Write("image/model/run", "program");
        var images = new PinnedImages();
        Assert.True(images.Match(_folder["image"], ImageDigest.Of(_folder["image"])));
        Assert.False(images.Match(_folder["image"], Other));
    }

    [Fact]
    public void A_changed_image_is_read_once_until_it_changes_again()
    {
        const int Size = 8 << 20;
        _folder.Write("image/model/run", new string('x', Size));
        var registered = ImageDigest.Of(_folder["image"]);
        _folder.Write("image/model/run", new string('y', Size));
        var images = new PinnedImages();
        Assert.InRange(BytesRead(() => Assert.False(images.Match(_folder["image"], registered))), Size, long.MaxValue);
        Assert.InRange(BytesRead(() => Assert.False(images.Match(_folder["image"], registered))), 0, Size / 2);

        _folder.Write("image/model/run", new string('x', Size));
        Assert.True(images.Match(_folder["image"], registered));
    }

    [Fact]
    public void A_folder_that_cannot_be_walked_through_matches_nothing()
    {
        using var unreadable = new UnreadableFolder();
        Assert.True(Directory.Exists(unreadable.Path));
        Assert.False(new PinnedImages().Match(unreadable.Path, Other));
        Assert.False(ImageDigest.Matches(unreadable.Path, Other));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>By this thread.</summary>
    private static long BytesRead(Action action)
    {
        var before = Read();
        action();
        return Read() - before;

        static long Read() => long.Parse(File.ReadLines("/proc/thread-self/io").First()["rchar: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>A folder that not even root can list: the network of a process that has ended, until somebody waits for it.</summary>
internal sealed class UnreadableFolder : IDisposable
{
    private readonly ChildProcess _ended = ChildProcess.Start(["/bin/true"]);

    public UnreadableFolder() => SpinWait.SpinUntil(() => _ended.HasEnded);

    public string Path => FormattableString.Invariant($"/proc/{_ended.Id}/net");

    public void Dispose() => _ended.Dispose();
}
