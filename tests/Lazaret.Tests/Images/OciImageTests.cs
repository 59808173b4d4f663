using System.Formats.Tar;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using static Lazaret.Tests.Images.OciImageFile;

namespace Lazaret.Tests.Images;

public sealed partial class OciImageTests : IDisposable
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
}
