using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>One of <see cref="RunSlots"/>, while a run has it.</summary>
/// <param name="slot">The user id that the program has on the host.</param>
/// <param name="name">The control group's, the container's and the jail's: no other run has it.</param>
/// <param name="rootUid">What the host calls root of the program's user namespace, where that has one: an id that nobody else has either.</param>
/// <param name="visitors">The group that the program needs to be in to read what it is given; null when everybody may read that.</param>
/// <param name="group">Null when no control group is writable here.</param>
internal sealed class RunSlot(UidSlots.UidSlot slot, string name, int rootUid, int? visitors, ControlGroup? group) : IDisposable
{
    public int Uid => slot.Uid;

    public string Name => name;

    public int RootUid => rootUid;

    public int? Visitors => visitors;

    public ControlGroup? Group => group;

    /// <summary>Starts the first process of a pid namespace, in the control group where there is one.</summary>
    public ChildProcess StartFirst(string[] command, SafeFileHandle[] descriptors)
    {
        ChildProcess Start() => ChildProcess.StartFirst(command, descriptors);
        return group is null ? Start() : group.Start(Start);
    }

    public void Dispose()
    {
        group?.Dispose();
        slot.Dispose();
    }
}
