using System.Formats.Tar;
using Lazaret.Node.Images;
using static Lazaret.Tests.Images.OciImageFile;

namespace Lazaret.Tests.Images;

/// <summary>Images that somebody wrote to harm whoever reads them.</summary>
public sealed partial class OciImageTests
{
    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_no_image_may_hold_is_refused_before_anything_is_written(string _, TarEntry[][] layers, string why)
    {
        var image = New();
        foreach (var layer in layers)
            image.Layer(layer);
        Assert.Contains(why, Refuse(image.Write()), StringComparison.Ordinal);
    }

    [Fact]
    public void Indices_within_indices_come_to_an_end()
    {
        var image = New().Layer(FileEntry("a"));
        image.Write();
        var index = image.Descriptor;
        for (var i = 0; i < 10; i++)
            index = image.Blob(Bytes(OciImageFile.Index(index)), "application/vnd.oci.image.index.v1+json");
        image.WriteIndex(index);
        Assert.Contains("nested too deep", Refuse(image.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Indices_that_name_each_other_thousands_of_times_are_read_once()
    {
        var image = New().Layer(FileEntry("a"));
        image.Write();
        var index = image.Descriptor;
        for (var i = 0; i < 3; i++)
            index = image.Blob(Bytes(OciImageFile.Index([.. Enumerable.Repeat(index, 2000)])), "application/vnd.oci.image.index.v1+json");
        image.WriteIndex(index);
        await Task.Run(() => Unpack(image.Folder), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(["a"], Unpacked());

        image.WriteIndex([.. Enumerable.Repeat(image.Descriptor, 10_001)]);
        Assert.Contains("more than 10000 references", Refuse(image.Folder), StringComparison.Ordinal);
        image.WriteIndex([.. Enumerable.Range(0, 65).Select(i => image.Blob([.. Bytes(OciImageFile.Index()), .. new string(' ', i).Select(space => (byte)space)], "application/vnd.oci.image.index.v1+json"))]);
        Assert.Contains("more than 64 indices", Refuse(image.Folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oci-layout")]
    [InlineData("index.json")]
    public async Task A_pipe_in_a_layout_does_not_block(string name)
    {
        var image = New().Layer(FileEntry("a"));
        image.Write();
        File.Delete(Path.Combine(image.Folder, name));
        _folder.MakePipe(Path.Combine(image.Folder, name));
        await Assert.ThrowsAsync<InvalidDataException>(() => Task.Run(() => Unpack(image.Folder), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_blob_that_is_a_hard_link_is_refused()
    {
        var image = New().Layer(FileEntry("a"));
        image.Write();
        await Tool.RunAsync("ln", image.BlobFile(image.Digest), _folder["elsewhere"]);
        Assert.Contains("is a hard link", Refuse(image.Folder), StringComparison.Ordinal);
    }

    private static string Linked(OciImageFile image)
    {
        image.Write();
        var blob = image.BlobFile(image.Digest);
        File.Move(blob, Path.Combine(image.Folder, "elsewhere"));
        File.CreateSymbolicLink(blob, Path.Combine(image.Folder, "elsewhere"));
        return image.Folder;
    }

    [Fact]
    public void Bombs_are_refused_while_they_are_small()
    {
        var limits = new ImageLimits { Bytes = 1 << 20, Entries = 100, RatioFrom = 64 << 10, Ratio = 20 };
        Assert.Contains("more than 100 entries", Refuse(New().Layer(Tar(Enumerable.Range(0, 101).Select(i => FileEntry($"f{i}"))), Plain).Write(), limits), StringComparison.Ordinal);
        Assert.Contains("more than 100 entries", Refuse(New().Layer(Tar(Enumerable.Range(0, 10).Select(i => FileEntry($"{i}/{string.Join('/', Enumerable.Repeat("d", 20))}/f"))), Plain).Write(), limits), StringComparison.Ordinal);
        Assert.Contains("more than 20 times its size", Refuse(New().Layer(Tar(FileEntry("zeros", new string('\0', 512 << 10))), Zstd).Write(), limits), StringComparison.Ordinal);
        Assert.Contains("more than 20 times its size", Refuse(New().Layer(FileEntry("zeros", new string('\0', 512 << 10))).Write(), limits), StringComparison.Ordinal);
        Assert.Contains("more than is allowed", Refuse(New().Layer(Tar(FileEntry("large", new string('\0', 2 << 20))), Plain).Write(), limits), StringComparison.Ordinal);
        Assert.Contains("129 layers", Refuse(Enumerable.Range(0, 129).Aggregate(New(), (image, i) => image.Layer(FileEntry($"{i}"))).Write()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_claims_gigabytes_of_names_is_not_believed()
    {
        var claim = Tar(new UstarTarEntry(TarEntryType.RegularFile, "a"))[..512];
        claim[156] = (byte)'x';
        "10000000000\0"u8.CopyTo(claim.AsSpan(124));
        claim.AsSpan(148, 8).Fill((byte)' ');
        var sum = claim.Sum(value => value);
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(claim, 148);
        Assert.Contains("names beyond all measure", Refuse(New().Layer([.. claim, .. new byte[2 << 20]], Plain).Write()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_changes_between_the_two_readings_is_refused()
    {
        var image = New().Layer(Tar(FileEntry("a", "one")), Plain);
        using var source = ImageSource.Open(image.Write(), new ImageLimits());
        var blob = Directory.EnumerateFiles(Path.Combine(image.Folder, "blobs/sha256")).Single(file => new FileInfo(file).Length > 2000);
        var bytes = File.ReadAllBytes(blob);
        bytes[Array.LastIndexOf(bytes, (byte)'e')] = (byte)'E';
        File.WriteAllBytes(blob, bytes);
        Assert.Throws<InvalidDataException>(() => source.Unpack(_folder["out"]));
    }
}
