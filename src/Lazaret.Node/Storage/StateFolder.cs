using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Storage;

/// <summary>The folder that the node writes to, and what lies where in it. Nobody but the node's user may enter.</summary>
public sealed class StateFolder(string path)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Root { get; } = Path.GetFullPath(path);

    public string Database => Path.Combine(Root, "lazaret.db");

    /// <summary>The matrix of all volumes, made from the data view and good for nothing else.</summary>
    public string CohortStore => Path.Combine(Root, "cohort", "cohort.store");

    /// <summary>The unpacked images of registered models, a folder each, named by digest.</summary>
    public string Models => Path.Combine(Root, "models");

    /// <summary>The virtual machine's kernel, templates and images. A run's user id may walk no further than what its sandbox is given.</summary>
    public string MicroVm => Path.Combine(Root, "microvm");

    /// <exception cref="MissingException">The folder cannot be made.</exception>
    public void Create()
    {
        try
        {
            foreach (var folder in (ReadOnlySpan<string>)[Root, Models])
                Directory.CreateDirectory(folder, Owner);

            // A sandbox gets this folder alone, under another user id; nobody else comes through the root's door.
            Directory.CreateDirectory(Path.GetDirectoryName(CohortStore)!);
            File.SetUnixFileMode(Path.GetDirectoryName(CohortStore)!, Owner | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the state folder cannot be made ({e.Message}): set Lazaret:State to a folder that the node may write to");
        }
    }

    /// <summary>One process at a time; the lock goes with the process, however that ends.</summary>
    public async Task<IDisposable> LockMigrationAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Root, "migration.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
        var file = Path.Combine(Root, "node.lock");
        try
        {
            if (!File.Exists(file))
            {
                using (new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
                {
                }

                GiveToOwner(file);
            }

            // On Unix FileShare.None is an exclusive advisory lock, anything else a shared one.
            return new FileStream(file, FileMode.Open, FileAccess.Read, alone ? FileShare.None : FileShare.Read);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    /// <summary>A file that root made in this folder would be closed to the node's own user, to whom the folder belongs.</summary>
    public void GiveToOwner(string file)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        using var handle = File.OpenHandle(file);
        LinuxCalls.GiveOwner(handle, Root);
    }

    /// <summary>SQLite's file. The folder may be an old one that others can enter; the file and, by SQLite's own rule, those beside it are the node's alone.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void CreateDatabase()
    {
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (new FileStream(Database, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = ReadWrite }))
        {
        }

        if (File.GetUnixFileMode(Database) != ReadWrite)
            File.SetUnixFileMode(Database, ReadWrite);
    }
}
