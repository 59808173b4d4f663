using System.Net.Sockets;
using Lazaret.Cohort.Files;

namespace Lazaret.Tests.Cohort.Files;

public sealed class RegularFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public static TheoryData<string> OtherKinds => ["pipe", "link to a pipe", "folder", "socket", "/dev/zero", "/dev/null", "/dev/tty", "/dev/full"];

    [Theory]
    [MemberData(nameof(OtherKinds))]
    public void What_is_no_regular_file_is_refused_at_once(string kind)
    {
        var path = Make(kind);
        var refusal = Assert.Throws<RegularFileException>(() => RegularFile.ReadAllBytes(path, 1 << 20));
        Assert.Equal(kind == "folder" ? "is a folder" : "is no regular file", refusal.Message);
    }

    [Fact]
    public void What_is_not_there_and_what_is_closed_are_told_apart()
    {
        Assert.Throws<FileNotFoundException>(() => RegularFile.Open(_folder["none"]));
        _folder.Write("file", "x");
        Assert.Throws<FileNotFoundException>(() => RegularFile.Open(_folder["file/below"]));
        File.CreateSymbolicLink(_folder["circle"], _folder["circle"]);
        Assert.IsNotType<RegularFileException>(Assert.ThrowsAny<IOException>(() => RegularFile.Open(_folder["circle"])));
    }

    [Fact]
    public void A_link_to_a_file_is_followed()
    {
        _folder.Write("file", "text");
        File.CreateSymbolicLink(_folder["link"], "file");
        Assert.Equal("text"u8.ToArray(), RegularFile.ReadAllBytes(_folder["link"], 4));
    }

    [Fact]
    public void The_size_is_looked_at_before_anything_is_read()
    {
        using (var sparse = File.Create(_folder["sparse"]))
            sparse.SetLength(1L << 40);
        Assert.Equal("is larger than 1 MiB", Assert.Throws<RegularFileException>(() => RegularFile.ReadAllBytes(_folder["sparse"], 1 << 20)).Message);
        _folder.Write("five", "12345");
        Assert.Throws<RegularFileException>(() => RegularFile.ReadAllBytes(_folder["five"], 4));
        Assert.Equal(5, RegularFile.ReadAllBytes(_folder["five"], 5).Length);
    }

    [Fact]
    public void A_file_that_says_that_it_is_empty_is_read_as_far_as_it_may_go()
    {
        Assert.NotEmpty(RegularFile.ReadAllBytes("/proc/self/stat", 1 << 20));
        Assert.Throws<RegularFileException>(() => RegularFile.ReadAllBytes("/proc/self/stat", 10));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }

    private string Make(string kind)
    {
        switch (kind)
        {
            case "pipe":
                _folder.MakePipe("pipe");
                return _folder["pipe"];
            case "link to a pipe":
                _folder.MakePipe("pipe");
                File.CreateSymbolicLink(_folder["link"], _folder["pipe"]);
                return _folder["link"];
            case "folder":
                return _folder.Path;
            case "socket":
                // It takes its name away when it is closed.
                _socket.Bind(new UnixDomainSocketEndPoint(_folder["socket"]));
                return _folder["socket"];
            default:
                return kind;
        }
    }
}
