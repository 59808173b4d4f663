using Lazaret.Node;
using Lazaret.Node.Sandboxes.MicroVm;

namespace Lazaret.Tests.Sandboxes;

public sealed class GuestBuildTests : IDisposable
{
    private const string Release = "6.1.0-9-cloud-amd64";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Without_a_kernel_package_its_name_is_said() =>
        Assert.Contains("apt install linux-image-cloud-amd64", await RefusalAsync(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "no kernel for x86-64")]
    [InlineData(0x300, "no kernel for x86-64")]
    public async Task A_file_that_is_no_kernel_is_refused_and_nothing_is_installed(int length, string why)
    {
        Kernel(new byte[length]);
        Assert.Contains(why, await RefusalAsync(), StringComparison.Ordinal);
        Assert.Null(GuestSystem.Read(_folder["state"]));
    }

    [Theory]
    [InlineData(8, 0u, "not compressed with LZ4")]
    [InlineData(0x1000, 0u, "cut short")]
    [InlineData(uint.MaxValue, 0u, "cut short")]
    [InlineData(8, uint.MaxValue, "cut short")]
    public async Task A_kernel_whose_payload_is_not_where_or_what_it_should_be_is_refused(uint length, uint offset, string why)
    {
        var image = new byte[0x1000];
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        image[0x1f1] = 1;
        BitConverter.TryWriteBytes(image.AsSpan(0x248), offset);
        BitConverter.TryWriteBytes(image.AsSpan(0x24c), length);
        Kernel(image);
        Assert.Contains(why, await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_module_is_named()
    {
        Kernel(new byte[0x300]);
        File.Delete(_folder[$"modules/{Release}/kernel/fs/squashfs/squashfs.ko"]);
        Assert.Contains("squashfs.ko is missing", await RefusalAsync(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Kernel(byte[] image)
    {
        Directory.CreateDirectory(_folder["boot"]);
        File.WriteAllBytes(_folder[$"boot/vmlinuz-{Release}"], image);
        foreach (var module in (string[])["drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_mmio", "drivers/block/virtio_blk", "fs/squashfs/squashfs"])
            _folder.Write($"modules/{Release}/kernel/{module}.ko", "");
    }

    private async Task<string> RefusalAsync()
    {
        var build = new GuestBuild(_folder["state"], _folder["boot"], _folder["modules"]);
        return (await Assert.ThrowsAsync<MissingException>(() => build.RunAsync(_ => { }, TestContext.Current.CancellationToken))).Message;
    }
}
