using Lazaret.Cohort.Files;
using Lazaret.Node.Configuration;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Keys;

/// <summary>The ring in a file that its owner alone may read.</summary>
public sealed class KeyFile(string path, NodeEnvironment environment, TimeProvider time) : IKeyRingSource
{
    private const string Setting = "Lazaret:Keys:File";
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // The stamp shows that the file was changed or replaced. It does not show a change of owner; that is found at the next reading.
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(5);

    public string Place => path;

    public string HowToBegin => "'lazaret keys init' makes one, or set Lazaret:Keys:File or Lazaret:Keys:Source";

    /// <summary>Whether anything lies there, be it a ring or not.</summary>
    public bool Exists => Path.Exists(path);

    public long Stamp
    {
        get
        {
            var file = new FileInfo(path);
            return HashCode.Combine(time.GetUtcNow().Ticks / Validity.Ticks, file.Exists ? (file.LastWriteTimeUtc.Ticks, file.Length, file.UnixFileMode) : default);
        }
    }

    public KeyRing Read()
    {
        try
        {
            using var handle = OwnFile.OpenRead(path, Setting) ?? throw new FileNotFoundException();
            using var file = new FileStream(handle, FileAccess.Read);
            if (environment.IsProduction && (File.GetUnixFileMode(handle) & ~OwnFile.FolderMode) != 0)
                throw new MissingException($"{path}: others than its owner may read the encryption keys: chmod 600 {path}") { SaysHow = true };
            return KeyRing.Parse(RegularFile.ReadAllBytes(file, MaxBytes), path);
        }
        catch (FileNotFoundException)
        {
            throw new MissingException($"there is no encryption key at {path}");
        }
        catch (RegularFileException e)
        {
            throw new MissingException($"the encryption keys cannot be read: {path} {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the encryption keys cannot be read ({e.Message}): {StrictModes.Own(path)}");
        }
    }

    /// <summary>Writes a new ring; false when there is a file already.</summary>
    public bool Make()
    {
        using (Lock())
        {
            if (File.Exists(path))
                return false;
            Write(KeyRing.Make(time.GetUtcNow()));
            return true;
        }
    }

    /// <summary>Takes the lock (flock) under which one process at a time changes the ring. The kernel releases it when the process ends.</summary>
    /// <exception cref="MissingException">The folder cannot be written to, or another process holds the lock for long.</exception>
    public IDisposable Lock()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnFile.FolderMode);
            return OwnFile.TryLock($"{path}.lock", Patience, Setting)
                ?? throw new MissingException($"another process is changing the encryption keys at {path}: wait for it to end");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the encryption keys cannot be written ({e.Message}): {StrictModes.Own(Path.GetDirectoryName(path)!)}");
        }
    }

    /// <summary>Replaces the file by this ring in one step (rename). The caller holds the lock.</summary>
    public void Write(KeyRing ring)
    {
        var next = $"{path}.new";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnFile.Mode }))
        {
            file.Write(ring.Write());
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
