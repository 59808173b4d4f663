using System.Collections.Concurrent;

namespace Lazaret.Node.Programs;

/// <summary>
/// The manifests of registered programs of one kind, by their texts: every request looks at every manifest, and reading one takes longer
/// than all else about it.
/// </summary>
/// <param name="read">Reads a text; the second argument names the program in faults.</param>
internal sealed partial class RegisteredManifests<T>(Func<string, string, T> read, ILogger logger)
    where T : ProgramManifest
{
    private readonly ConcurrentDictionary<string, T?> _read = new(StringComparer.Ordinal);

    /// <summary>The manifest; null for one that cannot be read, which must not shut out the others.</summary>
    public T? Find(RegisteredProgram row) => _read.GetOrAdd(row.Manifest, static (_, of) => of.manifests.Read(of.row), (manifests: this, row));

    private T? Read(RegisteredProgram row)
    {
        try
        {
            return read(row.Manifest, row.Name);
        }
        catch (InputException e)
        {
            LogUnreadable(row.Name, e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "The registered {Program} is not offered, since its manifest cannot be read: {Fault}. Remove it with 'lazaret models' or 'lazaret analyses', and add it again")]
    private partial void LogUnreadable(string program, string fault);
}
