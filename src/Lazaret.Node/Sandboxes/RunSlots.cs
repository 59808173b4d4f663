namespace Lazaret.Node.Sandboxes;

/// <summary>What each run of a node that root started has to itself: a user id, and a control group of its name.</summary>
internal sealed class RunSlots(SandboxOptions options)
{
    private readonly UidSlots _uids = new(options);

    /// <exception cref="SandboxException">All are in use, or the program could not read what it is to be given.</exception>
    public RunSlot Take(SandboxRun run)
    {
        CheckReadable(run);
        var slot = _uids.Take();
        return new RunSlot(slot, slot.Uid + options.UidCount, ControlGroup.TryCreate(GroupOf(slot.Uid)));
    }

    /// <summary>Removes the control groups of nodes that were killed: those whose user id is free.</summary>
    public void Sweep()
    {
        for (var uid = options.FirstUid; uid < options.FirstUid + options.UidCount; uid++)
        {
            if (ControlGroup.Find(GroupOf(uid)) is not { } group)
                continue;
            using var slot = _uids.TryTake(uid);
            if (slot is not null)
                group.Dispose();
        }
    }

    public override string ToString() => FormattableString.Invariant($"{options.FirstUid} to {options.FirstUid + options.UidCount - 1}");

    private static void CheckReadable(SandboxRun run)
    {
        foreach (var path in run.Mounts.Select(mount => mount.Source).Prepend(run.Root))
        {
            var needed = UnixFileMode.OtherRead | (Directory.Exists(path) ? UnixFileMode.OtherExecute : UnixFileMode.None);
            if ((File.GetUnixFileMode(path) & needed) != needed)
                throw new SandboxException($"{path} must be readable by others, since a program's user id is not the node's: chmod -R o+rX {path}");
        }
    }

    private static string GroupOf(int uid) => FormattableString.Invariant($"lazaret-{uid}");
}
