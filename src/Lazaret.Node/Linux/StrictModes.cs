namespace Lazaret.Node.Linux;

/// <summary>
/// Whether another user could read or replace what lies at a path, as ssh's StrictModes asks of its keys. Links are never followed where
/// another user may have made them. Root does not count as another user.
/// </summary>
internal static class StrictModes
{
    /// <summary>As many as Linux follows.</summary>
    private const int MostLinks = 40;

    /// <summary>
    /// Looks at the folders on the way to a file or folder, from the root on. Whoever may write to one of them could rename what is in it, and so
    /// put something else at the path. In a folder with the sticky bit only its owner and the owner of an entry may rename the entry.
    /// </summary>
    /// <param name="setting">The configuration's key that the path comes from.</param>
    /// <returns>Null, or what to do; what is yet to be made has no fault.</returns>
    public static string? FaultOfParents(string path, string setting)
    {
        var way = new Stack<string>();
        Push(way, Path.GetDirectoryName(path) ?? "/");
        var at = "/";
        var links = 0;
        while (LinuxCalls.StatusOfEntry(at) is { } status)
        {
            if (!IsTrusted(status.User))
                return $"{at}: belongs to user {status.User}, who may rename what is below it: set {setting} to a place whose folders belong to root or to the node's user";
            if (status.IsLink)
            {
                if (++links > MostLinks)
                    return $"{at}: links lead in a circle";
                var target = new FileInfo(at).LinkTarget!;
                Push(way, target);
                // What comes before the link holds no link by now.
                at = Path.IsPathRooted(target) ? "/" : Path.GetDirectoryName(at)!;
            }
            else if ((status.Permissions & OwnFile.WrittenByOthers) != 0 && (status.Permissions & UnixFileMode.StickyBit) == 0)
            {
                return $"{at}: others may write to it, and so rename what is below it: chmod go-w {Quoted(at)}, or set {setting} to another place";
            }

            if (!way.TryPop(out var step))
                return null;
            at = step == ".." ? Path.GetDirectoryName(at) ?? "/" : Path.Join(at, step);
        }

        return null;
    }

    /// <summary>Of a folder that is to be this user's alone.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isOthers">Whether it holds other things: then it is not to be taken from whom it belongs to.</param>
    /// <returns>Null, or what to do.</returns>
    public static string? FaultOfFolder(string folder, bool isOthers)
    {
        if (LinuxCalls.StatusOfEntry(folder) is not { } status)
            return null;
        if (status.IsLink)
            return $"{folder}: is a link, and the state folder must not be one: set Lazaret:State to the folder itself";
        if (!status.IsFolder)
            return $"{folder}: is no folder: set Lazaret:State to one";
        if (isOthers && (status.User != LinuxCalls.User || (status.Permissions & OwnFile.Others) != 0))
            return $"{folder}: holds other things than a node's: set Lazaret:State to a folder of its own, or name the node's configuration (--config FILE)";
        if (status.User != LinuxCalls.User)
            return $"{folder}: belongs to user {status.User}, and this command runs as user {LinuxCalls.User}: {(status.User == 0 ? $"if it was made for the node: {Own(folder)}" : $"run it as that user: sudo -u '#{status.User}' lazaret")}";
        return (status.Permissions & OwnFile.Others) != 0
            ? $"{folder}: is open to others (mode 0{Convert.ToString((int)status.Permissions, 8)}): if it is the node's alone: chmod 700 {Quoted(folder)}; otherwise set Lazaret:State to a folder of its own"
            : null;
    }

    /// <summary>Of a file or folder that the node opens: it must be what it is taken for, and have come from no other user.</summary>
    /// <param name="folder">Whether it is to be a folder; null: either.</param>
    /// <returns>Null, or what to do.</returns>
    public static string? FaultOfEntry(string path, bool? folder)
    {
        if (LinuxCalls.StatusOfEntry(path) is not { } status)
            return null;
        if (status.IsLink)
            return $"{path}: is a link, and the node follows none here: put what it leads to in its place, or remove it";
        if (!(folder switch { true => status.IsFolder, false => status.IsRegularFile, null => status.IsFolder || status.IsRegularFile }))
            return $"{path}: is no {(folder == true ? "folder" : "regular file")}: remove it";
        if (!IsTrusted(status.User))
            return $"{path}: belongs to user {status.User}, and the node runs as user {LinuxCalls.User}: if it is the node's own: {Own(path)}";
        return status.IsRegularFile && folder == false && status.Links > 1
            ? $"{path}: has a second name, by which others may reach it: cp -p {Quoted(path)} {Quoted(path + ".own")} && mv {Quoted(path + ".own")} {Quoted(path)}"
            : null;
    }

    /// <summary>The command that gives the process's own user what it may not read or write.</summary>
    public static string Own(string path) => $"chown {LinuxCalls.User} {Quoted(path)}";

    private static bool IsTrusted(uint user) => user == 0 || user == LinuxCalls.User;

    private static void Push(Stack<string> way, string path)
    {
        foreach (var step in path.Split('/').Reverse())
        {
            if (step is not ("" or "."))
                way.Push(step);
        }
    }

    /// <summary>As a shell takes it for one word.</summary>
    public static string Quoted(string path) =>
        path.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '.' or '_' or '-') ? path : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
