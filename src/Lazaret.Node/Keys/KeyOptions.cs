using Lazaret.Node.Configuration;

namespace Lazaret.Node.Keys;

/// <summary>Where the keys come from that seal what the node stores.</summary>
public sealed record KeyOptions
{
    public const string FromFile = "file";
    public const string FromEnvironment = "environment";
    public const string FromCommand = "command";

    /// <summary>The kind of source. file; file, environment or command.</summary>
    public string Source { get; init; } = FromFile;

    /// <summary>The file, which its owner alone may read. keys.json; a path, relative to the state folder.</summary>
    public string File { get; init; } = "keys.json";

    /// <summary>The environment variable that holds the ring. LAZARET_KEYS; a name.</summary>
    public string Variable { get; init; } = "LAZARET_KEYS";

    /// <summary>A program, by its absolute path, and its arguments, that prints the ring on stdout: a vault's or a KMS's client. []; [].</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    internal void Check(OptionFaults faults)
    {
        faults.OneOf("Keys:Source", Source, FromFile, FromEnvironment, FromCommand);
        if (string.IsNullOrWhiteSpace(File))
            faults.Add("Keys:File", "is empty: name a file");
        if (string.IsNullOrWhiteSpace(Variable))
            faults.Add("Keys:Variable", "is empty: name an environment variable");
        if (Source == FromCommand && Command.Count == 0)
            faults.Add("Keys:Command", "is empty: Lazaret:Keys:Command:0 names the program, :1 and on its arguments");
        else if (Command.Count > 0 && !Path.IsPathFullyQualified(Command[0]))
            faults.Add("Keys:Command:0", "must be an absolute path");
    }
}
