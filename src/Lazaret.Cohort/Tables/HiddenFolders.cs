namespace Lazaret.Cohort.Tables;

/// <summary>
/// What no visitor may see, whatever a table says: the machine's own folders and the node's. A volume may lie in /home, but neither /home nor
/// anybody's whole home is shown.
/// </summary>
/// <param name="more">Folders that only this machine knows to be such: the node's state.</param>
internal sealed class HiddenFolders(RealPath real, IEnumerable<string> more)
{
    private static readonly string[] Own = ["/boot", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var/run"];
    private static readonly string[] Homes = ["/home"];

    private readonly string[] _hidden = [.. Own.Concat(more).SelectMany(folder => (string[])[folder, real.Of(folder)]).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a path is of theirs, as it stands.</summary>
    public bool Hold(string path) => _hidden.Any(hidden => Contains(hidden, path));

    /// <summary>Whether a folder may be shown whole: it neither is one of theirs, nor lies in one, nor contains one.</summary>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public bool Allow(string folder) => IsApart(folder) && IsApart(real.Of(folder));

    private bool IsApart(string folder) =>
        !_hidden.Any(hidden => Contains(hidden, folder) || Contains(folder, hidden))
        && !Homes.Any(homes => Contains(folder, homes) || Path.GetDirectoryName(folder) == homes);

    public static bool Contains(string folder, string path) => path == folder || folder == "/" || path.StartsWith(folder + '/', StringComparison.Ordinal);
}
