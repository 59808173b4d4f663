namespace Lazaret.Cohort.Tables;

/// <summary>
/// Folders that no program may see, whatever the tables and <c>site.yaml</c> say: the machine's own folders, people's homes, and the node's folders.
/// A volume may lie in /var/lib, but /var/lib is not shown as a whole.
/// </summary>
/// <param name="more">Further such folders, which differ between machines: the node's state.</param>
internal sealed class HiddenFolders(RealPath real, IEnumerable<string> more)
{
    /// <summary>The folders of the operating system and of people, with everything in them.</summary>
    private static readonly string[] Own =
    [
        "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root", "/run", "/sbin", "/sys", "/usr",
        "/var/backups", "/var/cache", "/var/lock", "/var/log", "/var/mail", "/var/run", "/var/spool",
    ];

    /// <summary>Folders that many programs and users share. Folders inside them may be mounted, but not these folders themselves.</summary>
    private static readonly string[] Shared = ["/opt", "/tmp", "/var", "/var/lib", "/var/tmp"];

    private readonly string[] _hidden = [.. Own.Concat(more).SelectMany(folder => (string[])[folder, real.Of(folder)]).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a path is one of these folders or in one; links are not followed.</summary>
    public bool Contain(string path) => _hidden.Any(hidden => Contains(hidden, path));

    /// <summary>Whether a folder may be mounted as a whole: it is not one of these folders, is not in one, and contains none.</summary>
    /// <exception cref="IOException">Its links form a circle.</exception>
    public bool Allow(string folder) => IsApart(folder) && IsApart(real.Of(folder));

    private bool IsApart(string folder) =>
        !_hidden.Any(hidden => Contains(hidden, folder) || Contains(folder, hidden))
        && !Shared.Contains(folder);

    public static bool Contains(string folder, string path) => path == folder || folder == "/" || path.StartsWith(folder + '/', StringComparison.Ordinal);
}
