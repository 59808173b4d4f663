using Lazaret.Node.Configuration;
using Lazaret.Node.Sandboxes.MicroVm;
using Lazaret.Node.Sandboxes.Oci;
using Lazaret.Node.Sandboxes.Waiting;

namespace Lazaret.Node.Sandboxes;

/// <summary>Section <c>Lazaret:Sandbox</c>.</summary>
public sealed record SandboxOptions
{
    /// <summary><c>auto</c> (the default: the strongest that this machine can run) or a backend's name.</summary>
    public string Backend { get; init; } = SandboxBackends.Auto;

    /// <summary>
    /// The first of the user ids that programs run under when the node is started by root; as many ids again, above them, are the roots
    /// of containers, and the one above those is a group's. Nobody else may use them. Default 90000; 1 to 2147475454.
    /// </summary>
    public int FirstUid { get; init; } = 90_000;

    /// <summary>How many such user ids there are, which is how many programs may run at once. Default 64; 1 to 4096.</summary>
    public int UidCount { get; init; } = 64;

    /// <summary>
    /// The folder in which nodes of this machine lock the user ids they use, when started by root.
    /// Default <c>/run/lazaret/uids</c>; an absolute path.
    /// </summary>
    public string UidLocks { get; init; } = "/run/lazaret/uids";

    /// <summary>
    /// Whether bubblewrap and containers may run visiting programs where no control group can be used, so that nothing limits the memory of a
    /// program's processes together. Default false.
    /// </summary>
    public bool AllowUnboundedMemory { get; init; }

    public LimitOptions Limits { get; init; } = new();

    public OciOptions Oci { get; init; } = new();

    public MicroVmOptions MicroVm { get; init; } = new();

    public WarmPoolOptions WarmPool { get; init; } = new();

    /// <summary>The group of the programs that are given the cohort store, which others may not read. It is used where programs have user ids of their own.</summary>
    internal int SharedGroup => FirstUid + (2 * UidCount);

    internal void Check(OptionFaults faults)
    {
        Limits.Check(faults);
        Oci.Check(faults);
        MicroVm.Check(faults);
        WarmPool.Check(faults);
        faults.OneOf("Sandbox:Backend", Backend, [.. SandboxBackends.Names]);
        faults.Range("Sandbox:UidCount", UidCount, 1, 4096);
        // The one that is prepared by default is not, where there is a single id.
        if (WarmPool.Size > 1 && WarmPool.Size >= UidCount)
            faults.Add("Sandbox:WarmPool:Size", $"{WarmPool.Size} prepared sandboxes leave none of the {UidCount} user ids of Sandbox:UidCount to a run");
        faults.Range("Sandbox:FirstUid", FirstUid, 1, int.MaxValue - 8193);
        if (!Path.IsPathFullyQualified(UidLocks))
            faults.Add("Sandbox:UidLocks", $"'{UidLocks}' is no absolute path");
    }
}
