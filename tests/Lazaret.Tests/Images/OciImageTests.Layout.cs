using System.Text.Json.Nodes;
using static Lazaret.Tests.Images.OciImageFile;

namespace Lazaret.Tests.Images;

/// <summary>What a layout says of its blobs, before any layer is read.</summary>
public sealed partial class OciImageTests
{
    [Theory]
    [MemberData(nameof(Odd))]
    public void A_layout_that_is_not_as_it_should_be_is_refused(string _, Func<OciImageFile, string> write, string why) =>
        Assert.Contains(why, Refuse(write(New().Layer(FileEntry("a")))), StringComparison.Ordinal);

    // Has a layer's descriptor name other bytes, with a digest and a size that fit them.
    private static Action<JsonObject> Instead(OciImageFile image, byte[] bytes) => layer =>
    {
        foreach (var (name, value) in image.Blob(bytes, Zstd))
            layer[name] = value!.DeepClone();
    };

    public static TheoryData<string, Func<OciImageFile, string>, string> Odd => new()
    {
        { "a zstd layer cut off", image => image.Layer(Tar(FileEntry("b", new string('b', 5000))), Zstd, Instead(image, CompressZstd(Tar(FileEntry("b", new string('b', 5000))))[..^9])).Write(), "zstd cannot read" },
        { "a zstd layer that is none", image => image.Layer(Tar(), Zstd, Instead(image, "no zstd at all"u8.ToArray())).Write(), "zstd cannot read" },
        { "a zstd layer that asks for 2 GiB of memory", image => image.Layer(Tar(), Zstd, Instead(image, [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00])).Write(), "zstd cannot read" },
        { "another type", image => image.Layer([], "application/x-tar").Write(), "of the type application/x-tar" },
        { "foreign", image => image.Layer([], "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip").Write(), "stored elsewhere" },
        { "with addresses", image => image.Layer(Tar(), Gzip, layer => layer["urls"] = new JsonArray("https://example.org")).Write(), "stored elsewhere" },
        { "not distributable", image => image.Layer([], "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip").Write(), "stored elsewhere" },
        { "sha512", image => image.Layer(Tar(), Gzip, layer => layer["digest"] = "sha512:00").Write(), "another digest than sha256" },
        { "a path for a digest", image => image.Layer(Tar(), Gzip, layer => layer["digest"] = "sha256:../../../etc/passwd").Write(), "another digest than sha256" },
        { "a missing blob", image => image.Layer(Tar(), Gzip, layer => layer["digest"] = "sha256:" + new string('0', 64)).Write(), "lacks the blob" },
        { "a size too small", image => image.Layer(Tar(FileEntry("b")), Gzip, layer => layer["size"] = 1).Write(), "is larger than it should be" },
        { "a size too large", image => image.Layer(Tar(FileEntry("b")), Gzip, layer => layer["size"] = 1 << 20).Write(), "is not what its digest says" },
        { "a negative size", image => image.Layer(Tar(FileEntry("b")), Gzip, layer => layer["size"] = -1).Write(), "without its size" },
        { "no tar", image => image.Layer("this is no archive, and says so at some length"u8.ToArray()).Write(), "no tar file" },
        { "another architecture", image => new OciImageFile(image.Folder) { Architecture = "arm64" }.Layer(FileEntry("a")).Write(), "for linux/arm64" },
        { "layers that the configuration does not know", image => image.Write(changeConfiguration: c => c["rootfs"]!["diff_ids"] = new JsonArray()), "other layers" },
        { "another content", image => image.Write(changeConfiguration: c => c["rootfs"]!["diff_ids"]![0] = "sha256:" + new string('0', 64)), "does not unpack to what" },
        { "a manifest that is an index, too", image => image.Write(m => m["manifests"] = new JsonArray()), "an index, too" },
        { "an artifact", image => image.Write(m => m["config"]!["mediaType"] = "application/vnd.oci.empty.v1+json"), "no program to run" },
        { "no layer", image => image.Write(m => m["layers"] = new JsonArray()), "0 layers" },
        { "layers that are none", image => image.Write(m => m["layers"] = new JsonArray(1, 2)), "the layout has no digest" },
        { "a broken index", image => { image.Write(); File.WriteAllText(Path.Combine(image.Folder, "index.json"), "{"); return image.Folder; }, "no JSON" },
        { "an index of nothing", image => { image.Write(); image.WriteIndex(); return image.Folder; }, "0 images" },
        { "a torn manifest", image => { image.Write(); File.AppendAllText(image.BlobFile(image.Digest), " "); return image.Folder; }, "larger than it should be" },
        { "a link for a blob", image => Linked(image), "lacks the blob" },
        { "another version", image => { image.Write(); File.WriteAllText(Path.Combine(image.Folder, "oci-layout"), """{"imageLayoutVersion":"2.0.0"}"""); return image.Folder; }, "version is 2.0.0" },
        { "a bad variable", image => { new OciImageFile(image.Folder) { Environment = ["A B=1"] }.Layer(FileEntry("a")).Write(); return image.Folder; }, "a variable of the environment" },
        { "much behind the end", image => image.Layer([.. Tar(FileEntry("a")), .. Tar(FileEntry("b"))]).Write(), "more behind its end" },
    };

    [Fact]
    public void Of_several_images_the_one_for_this_machine_is_taken_wherever_it_stands()
    {
        var other = new OciImageFile(_folder["layout"]) { Architecture = "arm64" }.Layer(FileEntry("other"));
        other.Write();
        other.Descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "arm64" };
        var image = New().Layer(FileEntry("mine"));
        image.Write();
        image.Descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "amd64" };
        var attestation = image.Blob("{}"u8.ToArray(), "application/vnd.oci.image.manifest.v1+json");
        attestation["platform"] = new JsonObject { ["os"] = "unknown", ["architecture"] = "unknown" };
        var inner = image.Blob(Bytes(OciImageFile.Index(other.Descriptor, image.Descriptor, attestation)), "application/vnd.oci.image.index.v1+json");
        image.WriteIndex(inner);
        Unpack(image.Folder);
        Assert.Equal(["mine"], Unpacked());

        var second = image.Blob([.. File.ReadAllBytes(image.BlobFile(image.Digest)), .. " "u8], "application/vnd.oci.image.manifest.v1+json");
        image.WriteIndex(image.Descriptor, second);
        Assert.Contains("2 images for linux/amd64", Refuse(image.Folder), StringComparison.Ordinal);
    }
}
