using System.Globalization;

namespace Lazaret.Node.Sandboxes;

/// <summary>What each run of a node that root started has to itself: a user id, and a control group of its name.</summary>
internal sealed class RunSlots(SandboxOptions options)
{
    private const string Prefix = "lazaret-";

    private readonly UidSlots _uids = new(options);

    /// <exception cref="SandboxException">All are in use, or the program could not read what it is to be given.</exception>
    public RunSlot Take(SandboxRun run) => Take(run.Mounts.Select(mount => mount.Source).Prepend(run.Root));

    /// <inheritdoc cref="Take(SandboxRun)"/>
    public RunSlot Take(IEnumerable<string> read)
    {
        CheckReadable(read);
        return Slot(_uids.Take());
    }

    /// <summary>The slot of one user id; null when it is in use.</summary>
    public RunSlot? TryTake(int uid) => _uids.TryTake(uid) is { } slot ? Slot(slot) : null;

    /// <summary>Removes the control groups of nodes that were killed: those whose user id is free.</summary>
    public void Sweep()
    {
        foreach (var folder in ControlGroupTree.Find(Prefix))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan())[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                || uid < options.FirstUid || uid >= options.FirstUid + options.UidCount)
                continue;
            using var slot = _uids.TryTake(uid);
            if (slot is not null)
                ControlGroupTree.Remove(folder);
        }
    }

    public override string ToString() => FormattableString.Invariant($"{options.FirstUid} to {options.FirstUid + options.UidCount - 1}");

    private RunSlot Slot(UidSlots.UidSlot slot) => new(slot, NameOf(slot.Uid), slot.Uid + options.UidCount, ControlGroup.TryCreate(NameOf(slot.Uid)));

    private static void CheckReadable(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var needed = UnixFileMode.OtherRead | (Directory.Exists(path) ? UnixFileMode.OtherExecute : UnixFileMode.None);
            if ((File.GetUnixFileMode(path) & needed) != needed)
                throw new SandboxException($"{path} must be readable by others, since a program's user id is not the node's: chmod -R o+rX {path}");
        }
    }

    private static string NameOf(int uid) => FormattableString.Invariant($"{Prefix}{uid}");
}
