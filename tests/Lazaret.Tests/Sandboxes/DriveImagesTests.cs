using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.MicroVm;

namespace Lazaret.Tests.Sandboxes;

public sealed class DriveImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DriveImagesTests()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true")
            Assert.SkipWhen(Tools.Missing("mksquashfs").Any(), "mksquashfs not found: apt install squashfs-tools");
        _folder.Write("view/a.csv", "a");
        _folder.Write("view/b.csv", "b");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_is_made_into_an_image_once_and_again_when_it_changes()
    {
        var images = Images();
        var first = await images.OfMountAsync(_folder["view"], Stop);
        var bytes = await File.ReadAllBytesAsync(first, Stop);
        Assert.Equal(first, await images.OfMountAsync(_folder["view"], Stop));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(first, Stop));
        _folder.Write("view/a.csv", "changed");
        Assert.NotEqual(first, await images.OfMountAsync(_folder["view"], Stop));
    }

    [Theory]
    [InlineData("view")]
    [InlineData("view/a.csv")]
    public async Task What_is_taken_exactly_is_the_same_image_and_nothing_behind_a_link(string source)
    {
        var plain = await File.ReadAllBytesAsync(await Images().OfMountAsync(_folder[source], Stop), Stop);
        Directory.Delete(_folder["images"], recursive: true);
        Assert.Equal(plain, await File.ReadAllBytesAsync(await Images().OfExactMountAsync(_folder[source], Stop), Stop));

        Directory.Move(_folder["view"], _folder["elsewhere"]);
        Directory.CreateSymbolicLink(_folder["view"], _folder["elsewhere"]);
        await Assert.ThrowsAsync<SandboxException>(() => Images().OfExactMountAsync(_folder[source], Stop));
    }

    [Fact]
    public async Task Callers_at_once_share_one_image()
    {
        var images = Images();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => images.OfMountAsync(_folder["view"], Stop)));
        Assert.Single(made.Distinct());
        Assert.Single(Directory.EnumerateFiles(_folder["images"]));
    }

    [Fact]
    public async Task Over_their_bound_the_least_recently_used_go_and_what_was_just_made_stays()
    {
        var images = Images(capacity: 1);
        var first = await images.OfMountAsync(_folder["view/a.csv"], Stop);
        var second = await images.OfMountAsync(_folder["view/b.csv"], Stop);
        Assert.False(File.Exists(first));
        Assert.True(File.Exists(second));
    }

    [Fact]
    public async Task What_a_killed_node_was_making_is_swept_and_what_a_living_one_makes_is_not()
    {
        const int NoProcess = int.MaxValue;
        _folder.Write($"images/data-1.squashfs.making-{NoProcess}", "");
        _folder.Write($"images/data-2.squashfs.making-{Environment.ProcessId}", "");
        Images().Sweep();
        Assert.Equal([_folder[$"images/data-2.squashfs.making-{Environment.ProcessId}"]], Directory.EnumerateFiles(_folder["images"]));
        await Assert.ThrowsAnyAsync<Exception>(() => Images().OfMountAsync(_folder["none"], Stop));
        Assert.Single(Directory.EnumerateFiles(_folder["images"]));
    }

    public void Dispose() => _folder.Dispose();

    private DriveImages Images(long capacity = 1 << 30) => new(_folder["images"], capacity, TimeProvider.System);
}
