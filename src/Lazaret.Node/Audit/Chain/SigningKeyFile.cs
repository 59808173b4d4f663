using System.Text;
using Lazaret.Cohort.Files;
using Lazaret.Node.Configuration;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Audit.Chain;

/// <summary>The signing key in a file that its owner alone may read. It is read once, and made at the first start of a node.</summary>
internal sealed class SigningKeyFile(StateFolder state, AuditOptions options, NodeEnvironment environment) : IDisposable
{
    private const string Setting = "Lazaret:Audit:KeyFile";
    private const int MaxBytes = 1 << 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _reading = new();
    private volatile SigningKey? _key;

    public string Path { get; } = System.IO.Path.Combine(state.Root, options.KeyFile);

    /// <summary>Null where there is none yet.</summary>
    /// <exception cref="InputException">It is not for this node's user alone, or no key.</exception>
    public SigningKey? Find()
    {
        if (_key is not null)
            return _key;
        lock (_reading)
            return _key ??= Read();
    }

    /// <summary>The key; a new one where there is none.</summary>
    /// <inheritdoc cref="Find"/>
    public async Task<SigningKey> FindOrMakeAsync(CancellationToken cancellationToken)
    {
        if (Find() is { } key)
            return key;
        try
        {
            using (await OwnFile.LockAsync($"{Path}.lock", Pause, cancellationToken))
            {
                if (!File.Exists(Path))
                    Make();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the audit's signing key cannot be written ({e.Message}): {StrictModes.Own(System.IO.Path.GetDirectoryName(Path)!)}");
        }

        return Find()!;
    }

    public void Dispose() => _key?.Dispose();

    private void Make()
    {
        using var key = SigningKey.Make();
        var next = $"{Path}.new";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnFile.Mode }))
        {
            file.Write(Encoding.ASCII.GetBytes(key.Write() + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, Path);
    }

    private SigningKey? Read()
    {
        try
        {
            using var handle = OwnFile.OpenRead(Path, Setting);
            if (handle is null)
                return null;
            using var file = new FileStream(handle, FileAccess.Read);
            if (environment.IsProduction && (File.GetUnixFileMode(handle) & ~OwnFile.FolderMode) != 0)
                throw new InputException($"{Path}: others than its owner may read the audit's signing key: chmod 600 {Path}");
            return SigningKey.Read(Encoding.ASCII.GetString(RegularFile.ReadAllBytes(file, MaxBytes)));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is RegularFileException or InvalidDataException)
        {
            throw new InputException($"{Path}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the audit's signing key cannot be read ({e.Message}): {StrictModes.Own(Path)}");
        }
    }
}
