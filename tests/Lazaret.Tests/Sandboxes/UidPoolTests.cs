using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Tests.Sandboxes;

public sealed class UidPoolTests
{
    [Fact]
    public void No_id_is_given_twice_not_even_by_two_nodes()
    {
        using var folder = new TemporaryFolder();
        var options = new SandboxOptions { FirstUid = 90_000, UidCount = 3, UidLocks = folder["uids"] };
        var (one, other) = (new UidPool(options), new UidPool(options));
        using var first = one.Take();
        var second = other.Take();
        using var third = one.Take();
        Assert.Equal([90_000, 90_001, 90_002], [first.Uid, second.Uid, third.Uid]);
        Assert.Contains("UidCount", Assert.Throws<SandboxException>(one.Take).Message, StringComparison.Ordinal);

        second.Dispose();
        using var again = one.Take();
        Assert.Equal(90_001, again.Uid);
    }

    [Theory]
    [InlineData("chmod 777 uids", "others may write to it")]
    [InlineData("echo untouched >other; ln -s ../other uids/90000", "is a link")]
    [InlineData("mkfifo uids/90000", "is no regular file")]
    public async Task Locks_that_somebody_else_may_have_laid_are_refused(string lay, string why)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["uids"]);
        await Tool.RunAsync("sh", "-ec", $"cd {folder.Path}; {lay}");
        var pool = new UidPool(new SandboxOptions { FirstUid = 90_000, UidCount = 3, UidLocks = folder["uids"] });
        Assert.Contains(why, Assert.Throws<SandboxException>(pool.Take).Message, StringComparison.Ordinal);
    }
}
