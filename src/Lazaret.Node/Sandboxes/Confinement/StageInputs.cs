using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>The inputs of a run in its stage, held by descriptors: what is around them may have been mounted elsewhere when their bytes come.</summary>
internal sealed class StageInputs : IDisposable
{
    private readonly Dictionary<string, SafeFileHandle> _files = new(StringComparer.Ordinal);

    public StageInputs(string folder, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var file = File.OpenHandle(Path.Join(folder, name), FileMode.CreateNew, FileAccess.Write);
            _files.Add(name, file);
            // Readable by all: only the sandbox can walk there, and its user id is not the node's.
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    /// <summary>Writes them, and lets them go.</summary>
    public void Lay(SandboxRun run)
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
