using System.Globalization;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>Gives each run of a node that root started its <see cref="RunIdentity"/>.</summary>
internal sealed class RunIdentities(SandboxOptions options)
{
    private const string Prefix = "lazaret-";

    private readonly UidPool _uids = new(options);

    /// <exception cref="SandboxException">All user ids are in use, or the program could not read what it is given.</exception>
    public RunIdentity Take(SandboxRun run)
    {
        // The message does not say which one: a volume's path may name a subject.
        if (run.Mounts.Any(mount => mount.IsExact && !IsReadable(mount.Source)))
            throw new SandboxException("a volume beyond the data view is gone or closed to others, and a program's user id is not the node's: 'lazaret doctor' says more");
        return Take(run.Mounts.Where(mount => !mount.IsExact).Select(mount => mount.Source).Prepend(run.Root));
    }

    /// <inheritdoc cref="Take(SandboxRun)"/>
    public RunIdentity Take(IEnumerable<string> read)
    {
        var withGroup = false;
        foreach (var path in read)
            withGroup |= NeedsGroup(path);
        return Of(_uids.Take(), withGroup ? options.SharedGroup : null);
    }

    /// <summary>The identity with this user id; null when a run has it.</summary>
    public RunIdentity? TryTake(int uid) => _uids.TryTake(uid) is { } locked ? Of(locked, sharedGroup: null) : null;

    /// <summary>Removes the control groups of nodes that were killed: those whose user id is free.</summary>
    public void Sweep()
    {
        foreach (var folder in ControlGroupTree.Find(Prefix))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan())[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                || uid < options.FirstUid || uid >= options.FirstUid + options.UidCount)
                continue;
            using var locked = _uids.TryTake(uid);
            if (locked is not null)
                ControlGroupTree.Remove(folder);
        }
    }

    public override string ToString() => FormattableString.Invariant($"{options.FirstUid} to {options.FirstUid + options.UidCount - 1}");

    private RunIdentity Of(UidPool.LockedUid locked, int? sharedGroup) =>
        new(locked, NameOf(locked.Uid), locked.Uid + options.UidCount, sharedGroup, ControlGroup.TryCreate(NameOf(locked.Uid)));

    /// <summary>Whether a program must be in the shared group to read this; false when everybody may.</summary>
    private bool NeedsGroup(string path)
    {
        var status = LinuxCalls.Status(path);
        if (Allows(status, UnixFileMode.OtherRead, UnixFileMode.OtherExecute))
            return false;
        return status.Group == (uint)options.SharedGroup && Allows(status, UnixFileMode.GroupRead, UnixFileMode.GroupExecute)
            ? true
            : throw new SandboxException($"{path} must be readable by others, since a program's user id is not the node's: chmod -R o+rX {path}");
    }

    private static bool IsReadable(string path) =>
        Path.Exists(path) && Allows(LinuxCalls.Status(path), UnixFileMode.OtherRead, UnixFileMode.OtherExecute);

    /// <param name="read">What a file needs.</param>
    /// <param name="enter">What a folder needs beside that.</param>
    private static bool Allows(LinuxCalls.FileStatus status, UnixFileMode read, UnixFileMode enter)
    {
        var needed = status.IsFolder ? read | enter : read;
        return (status.Permissions & needed) == needed;
    }

    private static string NameOf(int uid) => FormattableString.Invariant($"{Prefix}{uid}");
}
