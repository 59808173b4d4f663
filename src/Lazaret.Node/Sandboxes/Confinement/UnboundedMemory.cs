using Lazaret.Node.Sandboxes.Confinement.ControlGroups;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>The rule where no control group can be made: visiting programs do not run, unless the operator accepts that nothing bounds their memory.</summary>
internal static class UnboundedMemory
{
    /// <summary>Why, and what to do.</summary>
    public static string Refusal =>
        "no control group is writable here, so nothing would bound what a program's processes take together: it could use up the machine's memory. "
        + (Environment.IsPrivilegedProcess
            ? "Mount the control groups writable, "
            : "Start the node as root, or in a control group of its own (Delegate=yes in its unit; from a terminal: systemd-run --user --scope -p Delegate=yes lazaret serve), ")
        + "or set Lazaret:Sandbox:AllowUnboundedMemory to true where something else bounds the node, as a container's memory limit does";

    /// <exception cref="SandboxException">There is no control group, and a visiting program may not run without one.</exception>
    public static void Require(ControlGroup? group, SandboxRun run, SandboxOptions options)
    {
        if (group is null && !run.IsOurs && !options.AllowUnboundedMemory)
            throw new SandboxException(Refusal);
    }

    /// <summary>What is not bounded, in words; from what a run was seen to use.</summary>
    public static IReadOnlyList<string> Lacks(SandboxUsage? usage) => usage switch
    {
        null => ["NOTHING BOUNDS MEMORY, since no control group is writable: a program can use up all that the machine has, by shared memory, sockets' "
            + "buffers, page tables or many processes. Nor are processors shared out. Lazaret:Sandbox:AllowUnboundedMemory accepts that"],
        { BoundsProcessors: false } => ["no limit on processors: the node's control group was delegated without that controller"],
        _ => [],
    };
}
