using System.Formats.Tar;
using System.Text.Json.Nodes;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using static Lazaret.Tests.Images.OciImageFile;

namespace Lazaret.Tests.Images;

public sealed class OciImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Layers_lie_over_each_other_and_whiteouts_hide_what_is_below()
    {
        var image = New()
            .Layer(FolderEntry("etc/"), FileEntry("etc/a", "1"), FileEntry("etc/b", "1"), FileEntry("opt/x/one", "1"), FileEntry("opt/x/two", "1"), FileEntry("gone/deep/file"), LinkEntry("bin", "usr/bin"))
            .Layer(FileEntry("opt/x/three", "2"), FileEntry("opt/x/.wh..wh..opq"), FileEntry("etc/.wh.a"), FileEntry("etc/b", "2"), FileEntry(".wh.gone"), FileEntry("etc/.wh.nothing"))
            .Layer(Tar(FileEntry("usr/bin/tool", "3")), Plain)
            .Layer(Tar(FileEntry("usr/bin/another", "4")), Zstd);
        Unpack(image.Write());
        Assert.Equal(["bin", "etc", "etc/b", "opt", "opt/x", "opt/x/three", "usr", "usr/bin", "usr/bin/another", "usr/bin/tool"], Unpacked());
        Assert.Equal("2", File.ReadAllText(_folder["out/etc/b"]));
        Assert.Equal("usr/bin", new FileInfo(_folder["out/bin"]).LinkTarget);
    }

    [Fact]
    public void A_whiteout_hides_nothing_of_its_own_layer()
    {
        Unpack(New().Layer(FileEntry("a", "old"), FileEntry("d/old")).Layer(FileEntry("a", "new"), FileEntry(".wh.a"), FileEntry("d/new"), FileEntry("d/.wh..wh..opq")).Write());
        Assert.Equal(["a", "d", "d/new"], Unpacked());
        Assert.Equal("new", File.ReadAllText(_folder["out/a"]));
    }

    [Fact]
    public void A_folder_may_take_a_files_place_and_a_file_a_folders()
    {
        Unpack(New().Layer(FileEntry("a"), FileEntry("b/c")).Layer(FolderEntry("a"), FileEntry("a/x"), FileEntry("b")).Write());
        Assert.Equal(["a", "a/x", "b"], Unpacked());
    }

    [Fact]
    public void Owners_and_special_bits_are_left_behind_and_nothing_can_be_written()
    {
        const UnixFileMode All = (UnixFileMode)0xfff;
        Unpack(New().Layer(FileEntry("su", "x", All), FileEntry("text", "x", UnixFileMode.UserRead | UnixFileMode.UserWrite)).Write());
        Assert.Equal(ImageWriter.ReadOnly | ImageWriter.Executable, File.GetUnixFileMode(_folder["out/su"]));
        Assert.Equal(ImageWriter.ReadOnly, File.GetUnixFileMode(_folder["out/text"]));
    }

    [Fact]
    public void A_hard_link_shares_what_a_lower_layer_has_even_when_that_name_is_gone_later()
    {
        Unpack(New().Layer(FileEntry("a", "shared")).Layer(HardLinkEntry("b", "a"), HardLinkEntry("./c", "./a")).Layer(FileEntry(".wh.a")).Write());
        Assert.Equal(["b", "c"], Unpacked());
        Assert.Equal("shared", File.ReadAllText(_folder["out/c"]));
    }

    [Fact]
    public void Names_may_hold_spaces_and_links_may_be_absolute()
    {
        Unpack(New().Layer(FileEntry("a b/c d"), LinkEntry("e f", "/a b/c d"), LinkEntry("up/x", "../a b")).Write());
        Assert.Equal("/a b/c d", new FileInfo(_folder["out/e f"]).LinkTarget);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_no_image_may_hold_is_refused_before_anything_is_written(string _, TarEntry[][] layers, string why)
    {
        var image = New();
        foreach (var layer in layers)
            image.Layer(layer);
        Assert.Contains(why, Refuse(image.Write()), StringComparison.Ordinal);
    }

    public static TheoryData<string, TarEntry[][], string> Hostile => new()
    {
        { "climbing", [[FileEntry("../x")]], "a name that leaves it" },
        { "climbing in the middle", [[FileEntry("a/../../x")]], "a name that leaves it" },
        { "absolute", [[FileEntry("/etc/x")]], "an absolute name" },
        { "a folder that climbs", [[FolderEntry("a/..")]], "a name that leaves it" },
        { "a link that climbs", [[LinkEntry("a/b", "../../x")]], "a link that leaves it" },
        { "an absolute link that climbs", [[LinkEntry("a", "/../x")]], "a link that leaves it" },
        { "through a link of its layer", [[LinkEntry("a", "/etc"), FileEntry("a/x")]], "below what is no folder" },
        { "through a link of a lower layer", [[LinkEntry("a", "/etc")], [FileEntry("a/x")]], "below what is no folder" },
        { "through a file", [[FileEntry("a")], [FileEntry("a/b/c")]], "below what is no folder" },
        { "a whiteout through a link", [[LinkEntry("a", "/etc")], [FileEntry("a/.wh..wh..x")]], "a malformed whiteout" },
        { "a hard link outside", [[HardLinkEntry("a", "../../etc/passwd")]], "a name that leaves it" },
        { "an absolute hard link", [[HardLinkEntry("a", "/etc/passwd")]], "an absolute name" },
        { "a hard link to nothing", [[HardLinkEntry("a", "b")]], "a hard link to what is no file" },
        { "a hard link to a folder", [[FolderEntry("b"), HardLinkEntry("a", "b")]], "a hard link to what is no file" },
        { "a hard link through a link", [[LinkEntry("b", "/"), HardLinkEntry("a", "b/etc")]], "a hard link to what is no file" },
        { "a block device", [[new PaxTarEntry(TarEntryType.BlockDevice, "sda") { DeviceMajor = 8 }]], "neither file, folder nor link: sda" },
        { "a character device", [[new PaxTarEntry(TarEntryType.CharacterDevice, "mem") { DeviceMajor = 1, DeviceMinor = 1 }]], "neither file, folder nor link: mem" },
        { "a FIFO", [[new PaxTarEntry(TarEntryType.Fifo, "pipe")]], "neither file, folder nor link: pipe" },
        { "a whiteout of nothing", [[FileEntry(".wh.")]], "a malformed whiteout" },
        { "a whiteout of the parent", [[FileEntry("a/.wh...")]], "a malformed whiteout" },
        { "a whiteout of itself", [[FileEntry("a/.wh..")]], "a malformed whiteout" },
        { "another system's whiteout", [[FileEntry(".wh..wh.plnk")]], "a malformed whiteout" },
        { "a whiteout that holds something", [[FileEntry(".wh.a", "x")]], "a malformed whiteout" },
        { "a whiteout that is a folder", [[FolderEntry("a"), LinkEntry("a/.wh.b", "x")]], "a malformed whiteout" },
        { "a name twice", [[FileEntry("a"), FileEntry("a")]], "a name twice: a" },
        { "a name twice, once as a folder", [[FolderEntry("a"), FileEntry("a/b"), LinkEntry("a", "/")]], "a name twice: a" },
        { "a line break", [[new UstarTarEntry(TarEntryType.RegularFile, "a\nb")]], "control characters" },
        { "a terminal's escape", [[FileEntry("\u001b[2J")]], "control characters" },
        { "a long name", [[FileEntry(new string('a', 300))]], "too long" },
        { "a deep folder", [[FileEntry(string.Join('/', Enumerable.Repeat("a", 200)))]], "nested more than 64 deep" },
        { "a root that is a link", [[LinkEntry("./", "/")]], "a root that is no folder" },
    };

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
        { "foreign", image => image.Layer([], "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip").Write(), "lies elsewhere" },
        { "with addresses", image => image.Layer(Tar(), Gzip, layer => layer["urls"] = new JsonArray("https://example.org")).Write(), "lies elsewhere" },
        { "not distributable", image => image.Layer([], "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip").Write(), "lies elsewhere" },
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

    [Fact]
    public void The_digest_is_the_manifests_and_the_environment_the_configurations()
    {
        var image = new OciImageFile(_folder["layout"]) { Environment = ["PATH=/opt/bin", "EMPTY=", "A=b=c"] }.Layer(FileEntry("a"));
        using var source = ImageSource.Open(image.Write(), new ImageLimits());
        Assert.Equal(image.Digest, source.Digest);
        Assert.Equal([("A", "b=c"), ("EMPTY", ""), ("PATH", "/opt/bin")], source.Environment.Select(variable => (variable.Key, variable.Value)).Order());
    }

    [Fact]
    public void An_archive_is_read_in_place()
    {
        New().Layer(FileEntry("a", "text")).Layer(FileEntry("b")).Write();
        TarFile.CreateFromDirectory(_folder["layout"], _folder["image.tar"], includeBaseDirectory: false);
        Unpack(_folder["image.tar"]);
        Assert.Equal(["a", "b"], Unpacked());

        File.WriteAllBytes(_folder["image.tar.gz"], Compress(File.ReadAllBytes(_folder["image.tar"])));
        Assert.Contains("'gunzip'", Refuse(_folder["image.tar.gz"]), StringComparison.Ordinal);
        File.WriteAllText(_folder["text"], "no archive at all");
        Assert.Contains("neither a squashfs file nor a tar file", Refuse(_folder["text"]), StringComparison.Ordinal);
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

    public void Dispose() => _folder.Dispose();

    private OciImageFile New()
    {
        if (Directory.Exists(_folder["layout"]))
            Directory.Delete(_folder["layout"], recursive: true);
        return new OciImageFile(Directory.CreateDirectory(_folder["layout"]).FullName);
    }

    private void Unpack(string image)
    {
        using var source = ImageSource.Open(image, new ImageLimits());
        source.Unpack(_folder["out"]);
    }

    private string Refuse(string image, ImageLimits? limits = null)
    {
        var before = Directory.EnumerateFileSystemEntries(_folder.Path).Order().ToList();
        var refusal = Assert.Throws<InvalidDataException>(() => ImageSource.Open(image, limits ?? new ImageLimits()));
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_folder.Path).Order());
        return refusal.Message;
    }

    private List<string> Unpacked()
    {
        using var folder = LinuxCalls.OpenTrustedFolder(_folder["out"]);
        return [.. FolderWalk.Of(folder).Select(entry => entry.Path).Order(StringComparer.Ordinal)];
    }

    private static string Linked(OciImageFile image)
    {
        image.Write();
        var blob = image.BlobFile(image.Digest);
        File.Move(blob, Path.Combine(image.Folder, "elsewhere"));
        File.CreateSymbolicLink(blob, Path.Combine(image.Folder, "elsewhere"));
        return image.Folder;
    }
}
