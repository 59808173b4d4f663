using System.ComponentModel;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Storage;

/// <summary>
/// The folder that the node writes to, and what lies where in it. It is this user's alone, on a way that nobody else can change, so that
/// what was looked at once stays what it is.
/// </summary>
/// <param name="path">The configured one.</param>
/// <param name="visitors">The group of the visitors that read the cohort store, where those are not this user themselves.</param>
public sealed class StateFolder(string path, int visitors)
{
    private const int MostFaults = 20;

    public string Root { get; } = Path.GetFullPath(path);

    public string Database => Path.Combine(Root, "lazaret.db");

    /// <summary>The matrix of all volumes, made from the data view and good for nothing else. Visitors are given its folder.</summary>
    public string CohortStore => Path.Combine(Cohort, "cohort.store");

    /// <summary>The unpacked images of registered models, a folder each, named by digest.</summary>
    public string Models => Path.Combine(Root, "models");

    /// <summary>The virtual machine's kernel, templates and images. A run's user id may walk no further than what its sandbox is given.</summary>
    public string MicroVm => Path.Combine(Root, "microvm");

    private string Cohort => Path.Combine(Root, "cohort");

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
            // The microvm folder is made where it is needed. Both it and models hold nothing that a visitor may not read.
            OwnFile.Restrict(Models, ~OwnFile.WrittenByOthers);
            OwnFile.Restrict(MicroVm, ~OwnFile.WrittenByOthers);
            ShareCohort();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new MissingException($"the state folder cannot be made ({e.Message}): set Lazaret:State to a folder that the node may write to");
        }
    }

    /// <summary>What to do before the node may use this folder; nothing, too, while it is yet to be made.</summary>
    public IReadOnlyList<string> Faults()
    {
        if ((StrictModes.FaultOfParents(Root) ?? StrictModes.FaultOfFolder(Root)) is { } fault)
            return [fault];
        IEnumerable<string?> files = ((string[])["", "-wal", "-shm", "-journal", ".restoring"]).Select(end => Database + end)
            .Append(NodeLock).Append(MigrationLock).Select(file => StrictModes.FaultOfEntry(file, folder: false));
        return [.. files.Concat(((string[])[Models, Cohort, MicroVm]).SelectMany(FaultsOfFolder)).OfType<string>().Take(MostFaults)];
    }

    /// <summary>One process at a time; the lock goes with the process, however that ends.</summary>
    public async Task<IDisposable> LockMigrationAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return OwnFile.Lock(MigrationLock);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    /// <summary>
    /// The lock by which nodes and a restore keep apart: any number of nodes, or one restore. Null when the other kind holds it; it goes
    /// with the process, however that ends.
    /// </summary>
    public IDisposable? TryLock(bool alone)
    {
        try
        {
            OwnFile.Create(NodeLock);
            // On Unix FileShare.None is an exclusive advisory lock, anything else a shared one.
            return new FileStream(NodeLock, FileMode.Open, FileAccess.Read, alone ? FileShare.None : FileShare.Read);
        }
        catch (IOException) when (File.Exists(NodeLock))
        {
            return null;
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

    // Each with its mode whatever the umask: others must not be able to write to one that is made on the way.
    private void MakeRoot()
    {
        if (Path.Exists(Root) || StrictModes.FaultOfParents(Root) is not null)
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
    /// A sandbox is given this folder alone. Started by an ordinary user, visitors are that user to the host; started by root, they have user
    /// ids of their own, and those that are given the folder are in its group. What is made in it takes over the group.
    /// </summary>
    private void ShareCohort()
    {
        const UnixFileMode GroupMay = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;
        var shared = Environment.IsPrivilegedProcess;
        OwnFile.Restrict(Cohort, OwnFile.FolderMode, shared ? (GroupMay, visitors) : null);
        OwnFile.Restrict(CohortStore, OwnFile.Mode, shared ? (UnixFileMode.GroupRead, visitors) : null);
    }
}
