using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>The input files of a run in its stage, open: when their bytes are written, their paths may lead elsewhere, since the sandbox mounts over them.</summary>
internal sealed class StageInputs : IDisposable
{
    private readonly Dictionary<string, SafeFileHandle> _files = new(StringComparer.Ordinal);

    private StageInputs()
    {
    }

    /// <summary>Makes the files, empty: the sandbox needs them as mount points before their bytes are known.</summary>
    public static StageInputs Make(string folder, IEnumerable<string> names)
    {
        var inputs = new StageInputs();
        try
        {
            foreach (var name in names)
            {
                var file = File.OpenHandle(Path.Join(folder, name), FileMode.CreateNew, FileAccess.Write);
                inputs._files.Add(name, file);
                // Readable by all: only the sandbox can walk there, and its user id is not the node's.
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }

            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>Writes the bytes, and closes the files.</summary>
    public void Write(SandboxRun run)
    {
        foreach (var (name, bytes) in run.Inputs)
            RandomAccess.Write(_files[name], bytes.Span, fileOffset: 0);
        Dispose();
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }
}
