using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Process;

namespace Lazaret.Tests.Sandboxes;

public sealed class RunFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Runs_have_their_folders_in_memory_where_nobody_else_can_enter()
    {
        var parent = RunFolder.OpenParent();
        Assert.Equal(Owner, File.GetUnixFileMode(parent));
        Assert.True(new DriveInfo(parent).DriveFormat is "tmpfs", parent);
        using var run = RunFolder.Make("a-run");
        Assert.StartsWith(parent + "/a-run-", run.Work, StringComparison.Ordinal);
        Assert.Equal(Owner, File.GetUnixFileMode(Path.GetDirectoryName(run.Work)!));
    }

    [Fact]
    public void A_place_that_somebody_else_could_have_made_is_refused()
    {
        Directory.CreateSymbolicLink(_folder["link"], Directory.CreateDirectory(_folder["target"], Owner).FullName);
        File.WriteAllText(_folder["file"], "");
        Directory.CreateDirectory(_folder["open"], Owner | UnixFileMode.OtherExecute);
        Directory.CreateDirectory(_folder["writable/runs"], Owner);
        File.SetUnixFileMode(_folder["writable"], Owner | UnixFileMode.OtherWrite);
        foreach (var steps in (string[][])[["link"], ["file"], ["open"], ["writable", "runs"], ["link", "runs"]])
        {
            var refusal = Assert.Throws<SandboxException>(() => RunFolder.OpenParent(_folder.Path, steps));
            Assert.Contains($"{_folder[string.Join('/', steps)]}, where runs have their folders, is", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder["target"]));
        Assert.Equal(_folder["mine/runs"], RunFolder.OpenParent(_folder.Path, "mine", "runs"));
    }

    [Fact]
    public void Another_users_place_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root makes another user's folder");
        Directory.CreateDirectory(_folder["theirs"], Owner);
        using (var chown = System.Diagnostics.Process.Start("chown", ["65533", _folder["theirs"]]))
            chown.WaitForExit();
        Assert.Throws<SandboxException>(() => RunFolder.OpenParent(_folder.Path, "theirs"));
    }

    [Fact]
    public void A_sweep_leaves_what_is_held_what_is_anothers_and_links()
    {
        using var held = LockedFolder.Make(_folder.Path, "run-");
        Directory.CreateDirectory(_folder["run-left/work"]);
        Directory.CreateDirectory(_folder["other"]);
        Directory.CreateSymbolicLink(_folder["run-link"], _folder["other"]);
        var expected = new List<string> { held.Path, _folder["other"], _folder["run-link"] };
        if (Environment.IsPrivilegedProcess)
        {
            expected.Add(Directory.CreateDirectory(_folder["run-theirs"]).FullName);
            using var chown = System.Diagnostics.Process.Start("chown", ["65533", _folder["run-theirs"]]);
            chown.WaitForExit();
        }

        LockedFolder.Sweep(_folder.Path, "run-");
        Assert.Equal(expected.Order(), Directory.GetFileSystemEntries(_folder.Path).Order());
    }

    public void Dispose() => _folder.Dispose();
}
