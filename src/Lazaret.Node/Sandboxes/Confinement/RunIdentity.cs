using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>What a run has to itself on a node that root started: a user id, and what is named after it. No other run has them meanwhile.</summary>
/// <param name="uid">The user id that the program has on the host, locked.</param>
/// <param name="name">The name of the run's control group, container and jail.</param>
/// <param name="rootUid">The host's user id for root of the program's user namespace, where that has a root.</param>
/// <param name="sharedGroup">The group that the program must be in to read what it is given; null when everybody may read that.</param>
/// <param name="group">Null when no control group can be used here.</param>
internal sealed class RunIdentity(UidPool.LockedUid uid, string name, int rootUid, int? sharedGroup, ControlGroup? group) : IDisposable
{
    public int Uid => uid.Uid;

    public string Name => name;

    public int RootUid => rootUid;

    public int? SharedGroup => sharedGroup;

    public ControlGroup? Group => group;

    /// <summary>Starts the first process of a pid namespace, in the control group where there is one.</summary>
    public ChildProcess StartFirst(string[] command, SafeFileHandle[] descriptors) => group?.StartFirst(command, descriptors) ?? ChildProcess.StartFirst(command, descriptors);

    public void Dispose()
    {
        group?.Dispose();
        uid.Dispose();
    }
}
