using Lazaret.Node.Linux;

namespace Lazaret.Tests.Linux;

public sealed class InstallingTests
{
    [Fact]
    public void Where_a_folder_stands_in_the_files_place_it_goes_first()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith("install -m 600 ", Installing.Of(folder.Path, "COPY", folder["keys.json"]), StringComparison.Ordinal);
        Directory.CreateDirectory(folder["keys.json"]);
        Assert.StartsWith($"rmdir {folder["keys.json"]} && install -m 600 ", Installing.Of(folder.Path, "COPY", folder["keys.json"]), StringComparison.Ordinal);
    }
}
