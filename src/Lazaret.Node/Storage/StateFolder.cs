using Lazaret.Node.Linux;
using Lazaret.Node.Storage.Faults;

namespace Lazaret.Node.Storage;

/// <summary>
/// The folder that the node writes to, and the paths in it. Only the node's user may enter it, and nobody else may write to a folder above
/// it, so that what was checked once cannot be replaced by others.
/// </summary>
/// <param name="path">The configured one.</param>
/// <param name="readers">The group that may read the cohort store. Root gives it to the programs that need it; otherwise it is not used.</param>
public sealed class StateFolder(string path, int readers)
{
    private const int MostFaults = 20;

    // What shows that a folder is a node's, also one that was only begun or is being put back.
    private static readonly string[] Signs = ["lazaret.db", "node.lock", "migration.lock", "models", "microvm", "cohort", "keys.json", "audit-key.pem"];

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    public string Root { get; } = Path.GetFullPath(path);

    public string Database => Path.Combine(Root, "lazaret.db");

    /// <summary>The matrix of all volumes, made from the data view, for that view alone. Programs that need it are given its folder.</summary>
    public string CohortStore => Path.Combine(Cohort, "cohort.store");

    /// <summary>The unpacked images of registered models, a folder each, named by digest.</summary>
    public string Models => Path.Combine(Root, "models");

    /// <summary>The virtual machine's kernel, templates and images. A run's user id reaches only what its sandbox mounts.</summary>
    public string MicroVm => Path.Combine(Root, "microvm");

    private string Cohort => Path.Combine(Root, "cohort");

    // Where nobody said which folder it is, it is one that happens to be there, as /var. A new disk has its own lost+found; what cannot be listed says nothing.
    private bool HoldsOtherThings
    {
        get
        {
            try
            {
                string[] names = Directory.Exists(Root) ? [.. Directory.EnumerateFileSystemEntries(Root).Select(entry => Path.GetFileName(entry)).Where(name => name != "lost+found")] : [];
                return names.Length > 0 && !names.Intersect(Signs, StringComparer.Ordinal).Any();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    private string NodeLock => Path.Combine(Root, "node.lock");

    private string MigrationLock => Path.Combine(Root, "migration.lock");

    /// <summary>Makes what is missing, and refuses what somebody else may have laid there.</summary>
    /// <exception cref="MissingException">The folder cannot be made, or others may read or exchange what is in it.</exception>
    public void Create()
    {
        try
        {
            MakeRoot();
            if (Faults() is [_, ..] faults)
                throw new MissingException(string.Join('\n', faults));
            Directory.CreateDirectory(Models, OwnFile.FolderMode);
            Directory.CreateDirectory(Cohort, OwnFile.FolderMode);
            // The microvm folder is made where it is needed. Programs may read all that is in it and in models.
            OwnFile.Restrict(Models, ~OwnFile.WrittenByOthers);
            OwnFile.Restrict(MicroVm, ~OwnFile.WrittenByOthers);
            ShareCohort();
        }
        catch (UnauthorizedAccessException e) when (LinuxCalls.StatusOfEntry(Root)?.User == LinuxCalls.User)
        {
            // As where root copied what is in it without whose it was.
            throw new MissingException($"{Root}: what is in it cannot be used ({e.Message}): as root: chown -R --reference={StrictModes.Quoted(Root)} {StrictModes.Quoted(Root)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the state folder cannot be made ({e.Message}): set Lazaret:State to a folder that the node may write to");
        }
    }

    /// <summary>What to mend before the node may use this folder; empty when nothing is wrong, also while the folder does not exist.</summary>
    public IReadOnlyList<string> Faults()
    {
        if ((StrictModes.FaultOfParents(Root, "Lazaret:State") ?? StrictModes.FaultOfFolder(Root, HoldsOtherThings)) is { } fault)
            return [fault];
        // Where the folder's owner was changed, every entry would be a fault of its own: the database stands for them.
        if (LinuxCalls.StatusOfEntry(Database) is { IsRegularFile: true, User: var owner } && owner != LinuxCalls.User && owner != 0)
            return [$"{Database}: belongs to user {owner}, and its folder to user {LinuxCalls.User}: if {owner} is the node's user: chown {owner} {StrictModes.Quoted(Root)}"];
        IEnumerable<string?> files = ((string[])["", "-wal", "-shm", "-journal", ".restoring"]).Select(end => Database + end)
            .Append(NodeLock).Append(MigrationLock).Select(file => StrictModes.FaultOfEntry(file, folder: false));
        return [.. files.Concat(((string[])[Models, Cohort, MicroVm]).SelectMany(FaultsOfFolder)).OfType<string>().Take(MostFaults)];
    }

    /// <summary>Why this process cannot make files in the folder, as where its disk was mounted again for reading alone; null where it can.</summary>
    public string? WriteFault()
    {
        try
        {
            // Each process has a name of its own for it. The file is gone when it is closed.
            var probe = Path.Combine(Root, $".writable-{Environment.ProcessId}");
            new FileStream(probe, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.DeleteOnClose, BufferSize = 0, UnixCreateMode = OwnFile.Mode,
            }).Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{Root} cannot be written to: {e.Message}";
        }
    }

    /// <summary>Waits for the exclusive lock (flock) of migrations. The kernel releases it when the process ends, for whatever reason.</summary>
    public async Task<IDisposable> LockMigrationAsync(CancellationToken cancellationToken) =>
        await OwnFile.LockAsync(MigrationLock, Patience, cancellationToken);

    /// <summary>
    /// The lock (flock) between nodes and a restore: any number of nodes hold it shared, or one restore holds it alone. Null when it is not
    /// free for this use. The kernel releases it when the process ends, for whatever reason.
    /// </summary>
    /// <exception cref="MissingException">The folder cannot be written to.</exception>
    public IDisposable? TryLock(bool alone)
    {
        try
        {
            return OwnFile.TryLock(NodeLock, alone);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"{Root} cannot be written to ({e.Message}): {DatabaseWords.MendOf(e) ?? $"see whose it is (ls -l {Root}), and whether its disk is mounted for writing"}");
        }
    }

    private static IEnumerable<string?> FaultsOfFolder(string folder)
    {
        if (StrictModes.FaultOfEntry(folder, folder: true) is { } fault)
            return [fault];
        return Directory.Exists(folder)
            ? Directory.EnumerateFileSystemEntries(folder).Select(entry => StrictModes.FaultOfEntry(entry, folder: null))
            : [];
    }

    // Each folder is made with an explicit mode, so that others cannot write to it even where the umask is 0.
    private void MakeRoot()
    {
        if (Path.Exists(Root) || StrictModes.FaultOfParents(Root, "Lazaret:State") is not null)
            return;
        if (Path.GetDirectoryName(Root) is { } parent && !Directory.Exists(parent))
        {
            var missing = new Stack<string>();
            for (var at = parent; !Directory.Exists(at); at = Path.GetDirectoryName(at)!)
                missing.Push(at);
            foreach (var folder in missing)
                Directory.CreateDirectory(folder, OwnFile.FolderMode | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        Directory.CreateDirectory(Root, OwnFile.FolderMode);
    }

    /// <summary>
    /// Of the state folder, a program is given this folder alone. When an ordinary user started the node, programs have that user's id. When root
    /// did, they have user ids of their own, and those that are given the folder are in its group. Files that are made in it get its group.
    /// </summary>
    private void ShareCohort()
    {
        const UnixFileMode GroupMay = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;
        var shared = Environment.IsPrivilegedProcess;
        OwnFile.Restrict(Cohort, OwnFile.FolderMode, shared ? (GroupMay, readers) : null);
        OwnFile.Restrict(CohortStore, OwnFile.Mode, shared ? (UnixFileMode.GroupRead, readers) : null);
    }
}
