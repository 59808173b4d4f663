using System.Diagnostics;
using Lazaret.Node;
using Lazaret.Node.Storage;

namespace Lazaret.Tests.Storage;

/// <summary>As the user who runs the tests; and started by root, once more as an ordinary user.</summary>
public sealed class StateFolderTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Open = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder _folder = new();

    private string Root => _folder["state"];

    [Theory]
    [InlineData(0b111_101_101)]
    [InlineData(0b111_111_111)]
    [InlineData(0b111_000_001)]
    [InlineData(0b111_101_000)]
    [InlineData(0b1_111_111_111)]
    public void A_folder_that_was_there_before_and_is_open_to_others_is_refused_with_what_to_do(int mode)
    {
        _folder.MakePrivate("state");
        File.SetUnixFileMode(Root, (UnixFileMode)mode);
        Assert.Contains($"chmod 700 {Root}", Refusal(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
        File.SetUnixFileMode(Root, Private);
        State().Create();
    }

    [Fact]
    public void A_folder_of_another_user_is_refused_with_what_to_do()
    {
        // Nobody else can look into it, so that it may be what root made for the node.
        const string Roots = "/root";
        _folder.MakePrivate("state");
        var (root, user) = Environment.IsPrivilegedProcess ? (Root, OrdinaryUser.Id) : (Roots, 0);
        if (Environment.IsPrivilegedProcess)
            Chown(Root);
        var refusal = Assert.Throws<MissingException>(new StateFolder(root, readers: 0).Create).Message;
        Assert.Contains($"belongs to user {user}", refusal, StringComparison.Ordinal);
        // What is root's was made by mistake; what is another user's is the node's, and this command was started by the wrong one.
        Assert.Contains(Environment.IsPrivilegedProcess ? $"sudo -u '#{user}' lazaret" : $"chown {OrdinaryUser.Id} {root}", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/var")]
    [InlineData("/etc")]
    [InlineData(null)]
    public void A_folder_that_holds_other_things_is_left_to_whom_it_belongs(string? folder)
    {
        _folder.Write("state/of-another-program", "");
        File.SetUnixFileMode(Root, Open);
        var refusal = Assert.Throws<MissingException>(new StateFolder(folder ?? Root, readers: 0).Create).Message;
        Assert.Contains("holds other things than a node's: set Lazaret:State to a folder of its own", refusal, StringComparison.Ordinal);
        Assert.DoesNotMatch("chmod|chown|sudo", refusal);
    }

    [Theory]
    [InlineData("lost+found")]
    [InlineData("keys.json")]
    [InlineData("audit-key.pem")]
    [InlineData("lazaret.db")]
    public void But_a_new_disk_and_a_folder_that_is_put_back_are_a_nodes(string name)
    {
        _folder.Write($"state/{name}", "");
        File.SetUnixFileMode(Root, Open);
        Assert.Contains($"chmod 700 {Root}", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_the_migrations_lock_from_being_made_is_said_and_not_waited_for()
    {
        var state = new StateFolder(_folder["missing"], readers: 0);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => state.LockMigrationAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Migrations_wait_for_each_other()
    {
        State().Create();
        var first = await State().LockMigrationAsync(TestContext.Current.CancellationToken);
        var second = State().LockMigrationAsync(TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public void Any_number_of_nodes_have_the_lock_or_one_restore()
    {
        State().Create();
        using (State().TryLock(alone: false))
        using (var second = State().TryLock(alone: false))
        {
            Assert.NotNull(second);
            Assert.Null(State().TryLock(alone: true));
        }

        using var alone = State().TryLock(alone: true);
        Assert.NotNull(alone);
        Assert.Null(State().TryLock(alone: false));
    }

    [Fact]
    public void A_link_in_its_place_is_refused()
    {
        _folder.MakePrivate("elsewhere");
        File.CreateSymbolicLink(Root, _folder["elsewhere"]);
        Assert.Contains($"{Root}: is a link", Refusal(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["elsewhere"]));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b")]
    public void Below_a_folder_that_others_may_write_to_it_is_refused_whether_it_is_there_or_not(string open)
    {
        Directory.CreateDirectory(_folder["a/b"], Open);
        File.SetUnixFileMode(_folder[open], Open | UnixFileMode.GroupWrite);
        var state = new StateFolder(_folder["a/b/state"], readers: 0);
        var what = $"chmod go-w {_folder[open]}";
        Assert.Contains(what, Assert.Throws<MissingException>(state.Create).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(state.Root));
        Directory.CreateDirectory(state.Root, Private);
        Assert.Contains(what, Assert.Throws<MissingException>(state.Create).Message, StringComparison.Ordinal);

        // In one with the sticky bit nobody renames what is another's.
        File.SetUnixFileMode(_folder[open], Open | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);
        state.Create();
    }

    [Fact]
    public void Below_a_folder_of_another_user_it_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives folders away");
        Directory.CreateDirectory(_folder["a"], Open);
        Chown(_folder["a"]);
        Assert.Contains($"{_folder["a"]}: belongs to user {OrdinaryUser.Id}", Assert.Throws<MissingException>(new StateFolder(_folder["a/state"], 0).Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_on_the_way_counts_by_where_it_leads_and_whose_it_is()
    {
        Directory.CreateDirectory(_folder["a"], Open);
        File.CreateSymbolicLink(_folder["way"], "./a/../a");
        new StateFolder(_folder["way/state"], readers: 0).Create();

        File.SetUnixFileMode(_folder["a"], Open | UnixFileMode.OtherWrite);
        Assert.Contains($"chmod go-w {_folder["a"]}", Assert.Throws<MissingException>(new StateFolder(_folder["way/state"], 0).Create).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(_folder["a"], Open);
        File.CreateSymbolicLink(_folder["circle"], _folder["circle"]);
        Assert.Contains("circle", Assert.Throws<MissingException>(new StateFolder(_folder["circle/state"], 0).Create).Message, StringComparison.Ordinal);

        if (!Environment.IsPrivilegedProcess)
            return;
        Chown(_folder["way"]);
        Assert.Contains($"{_folder["way"]}: belongs to user {OrdinaryUser.Id}", Assert.Throws<MissingException>(new StateFolder(_folder["way/state"], 0).Create).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("cohort")]
    [InlineData("microvm")]
    [InlineData("models/sha256-0")]
    [InlineData("models/lock")]
    [InlineData("cohort/cohort.store")]
    [InlineData("cohort/cohort.store.lock")]
    [InlineData("lazaret.db")]
    [InlineData("lazaret.db-wal")]
    [InlineData("lazaret.db-shm")]
    [InlineData("lazaret.db.restoring")]
    [InlineData("node.lock")]
    [InlineData("migration.lock")]
    public void A_link_that_was_laid_in_it_is_refused_and_what_it_leads_to_stays_as_it_is(string name)
    {
        var victim = _folder.MakePrivate("victim");
        State().Create();
        if (Directory.Exists(Path.Combine(Root, name)))
            Directory.Delete(Path.Combine(Root, name));
        File.CreateSymbolicLink(Path.Combine(Root, name), victim);
        Assert.Contains($"{Path.Combine(Root, name)}: is a link", Refusal(), StringComparison.Ordinal);
        Assert.Equal(Private, File.GetUnixFileMode(victim));
        Assert.Empty(Directory.EnumerateFileSystemEntries(victim));
    }

    [Theory]
    [InlineData("node.lock")]
    [InlineData("lazaret.db")]
    [InlineData("cohort/cohort.store")]
    [InlineData("models")]
    public async Task A_FIFO_that_was_laid_in_it_is_refused(string name)
    {
        State().Create();
        if (name == "models")
            Directory.Delete(Path.Combine(Root, name));
        _folder.MakePipe(Path.Combine(Root, name));
        Assert.Contains(name == "models" ? "is no folder" : "is no regular file", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lazaret.db")]
    [InlineData("lazaret.db-wal")]
    [InlineData("node.lock")]
    public async Task A_second_name_of_a_file_is_refused(string name)
    {
        State().Create();
        await File.WriteAllTextAsync(_folder["other"], "", TestContext.Current.CancellationToken);
        await Tool.RunAsync("ln", _folder["other"], Path.Combine(Root, name));
        Assert.Contains("has a second name", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("cohort")]
    [InlineData("lazaret.db")]
    [InlineData("models/sha256-0")]
    public void What_belongs_to_another_user_in_it_is_refused(string name)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives folders away");
        State().Create();
        var path = Path.Combine(Root, name);
        if (!Directory.Exists(path))
            File.WriteAllText(path, "");
        Chown(path);
        Assert.Contains($"{path}: belongs to user {OrdinaryUser.Id}", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_earlier_version_left_open_is_closed()
    {
        State().Create();
        foreach (var folder in (string[])["models", "cohort"])
            File.SetUnixFileMode(Path.Combine(Root, folder), Open | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        File.WriteAllText(State().CohortStore, "");
        File.SetUnixFileMode(State().CohortStore, Open);
        State().Create();
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(Root, "models")) & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(Root, "cohort")) & Others);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(State().CohortStore) & (Others | UnixFileMode.GroupExecute));
        Assert.Equal(Environment.IsPrivilegedProcess, File.GetUnixFileMode(State().CohortStore).HasFlag(UnixFileMode.GroupRead));
    }

    [Fact]
    public Task All_of_this_holds_for_an_ordinary_user() => OrdinaryUser.RunAsync(typeof(StateFolderTests));

    public void Dispose() => _folder.Dispose();

    private StateFolder State() => new(Root, readers: 90_128);

    private string Refusal() => Assert.Throws<MissingException>(State().Create).Message;

    private static void Chown(string path)
    {
        using var chown = Process.Start("chown", ["-h", $"{OrdinaryUser.Id}", path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
