namespace Lazaret.Node.Linux;

/// <summary>The command that puts a file in its place for the node's user, to whom the state folder belongs: what root puts there otherwise is root's, and the service cannot read it.</summary>
internal static class Installing
{
    /// <param name="state">The state folder; where there is none, the installing user is the node's.</param>
    public static string Of(string state, string source, string target) =>
        // What a container makes of a file that is to be mounted and is not there.
        $"{(Directory.Exists(target) ? $"rmdir {target} && " : "")}install -m 600 {(LinuxCalls.StatusOfEntry(state) is { } folder ? $"-o {folder.User} -g {folder.Group} " : "")}{source} {target}";
}
