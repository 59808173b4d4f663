namespace Lazaret.Node.Sandboxes;

/// <summary>One of <see cref="RunSlots"/>, while a run has it.</summary>
/// <param name="slot">The user id that the program has on the host.</param>
/// <param name="rootUid">What the host calls root of the program's user namespace, where that has one: an id that nobody else has either.</param>
/// <param name="group">Null when no control group is writable here.</param>
internal sealed class RunSlot(UidSlots.UidSlot slot, int rootUid, ControlGroup? group) : IDisposable
{
    public int Uid => slot.Uid;

    public int RootUid => rootUid;

    public ControlGroup? Group => group;

    public void Dispose()
    {
        group?.Dispose();
        slot.Dispose();
    }
}
