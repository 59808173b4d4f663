using Lazaret.Cohort.Tables;
using Lazaret.Node.Cohorts.Views;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Cohorts;

public sealed class ReadableDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ReadableData _readable;

    public ReadableDataTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root runs programs as other users");
        _readable = new ReadableData(_time);
        _folder.Copy(TinySite.Folder, "view");
        foreach (var file in Directory.EnumerateFiles(_folder["view"], "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
    }

    private string Volume => Directory.EnumerateFiles(_folder["view/conn"]).Order(StringComparer.Ordinal).First();

    [Fact]
    public void The_volumes_are_looked_at_once_in_ten_seconds()
    {
        var view = DataView.Open(_folder["view"]);
        Assert.Null(Fault(view));
        File.SetUnixFileMode(Volume, UnixFileMode.UserRead);
        Assert.Null(Fault(view));
        _time.Advance(ReadableData.Fresh);
        Assert.StartsWith("programs cannot read 1 of the files", Fault(view), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_reading_of_the_view_is_looked_at_at_once()
    {
        Assert.Null(Fault(DataView.Open(_folder["view"])));
        File.SetUnixFileMode(Volume, UnixFileMode.UserRead);
        Assert.NotNull(Fault(DataView.Open(_folder["view"])));
    }

    [Fact]
    public void A_volume_that_is_gone_is_no_closed_one()
    {
        var view = DataView.Open(_folder["view"]);
        File.Delete(Volume);
        Assert.Null(Fault(view));
    }

    public void Dispose() => _folder.Dispose();

    private string? Fault(DataView view) => _readable.Fault(view, TimeSpan.FromMinutes(1));
}
