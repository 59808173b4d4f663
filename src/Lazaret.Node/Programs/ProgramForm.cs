using System.Text.RegularExpressions;

namespace Lazaret.Node.Programs;

/// <summary>
/// The forms of what the registry's rows name: keys, versions and digests become names of folders and files. These
/// forms are checked at every read, since the database may have been written by somebody else than the node.
/// </summary>
internal static partial class ProgramForm
{
    /// <exception cref="InvalidDataException">It is no key.</exception>
    public static string Key(string stored) => IsKey(stored) ? stored : throw Wrong("key");

    /// <exception cref="InvalidDataException">It is no version, or not written as the node writes it.</exception>
    public static string Version(string stored) => ProgramVersion.Parse(stored)?.ToString() == stored ? stored : throw Wrong("version");

    /// <exception cref="InvalidDataException">It is no digest.</exception>
    public static string Digest(string stored) => DigestForm().IsMatch(stored) ? stored : throw Wrong("digest");

    public static bool IsKey(string text) => KeyForm().IsMatch(text);

    private static InvalidDataException Wrong(string what) =>
        new($"the registry of programs holds a malformed {what}, which the node itself never writes");

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,63}\z", RegexOptions.None, 1000)]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z", RegexOptions.None, 1000)]
    private static partial Regex DigestForm();
}
