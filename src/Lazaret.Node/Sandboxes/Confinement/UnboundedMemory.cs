using Lazaret.Node.Sandboxes.Confinement.ControlGroups;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>The rule where no control group can be made: visiting programs do not run, unless the operator accepts that nothing limits their memory.</summary>
internal static class UnboundedMemory
{
    /// <summary>Why, and what to do.</summary>
    public static string Refusal =>
        "no control group can be used here, so nothing would limit the memory that the processes of a program take together: a program could use up the machine's. "
        + (Environment.IsPrivilegedProcess
            ? "Mount the control groups writable, "
            : "Start the node as root, or in a control group of its own (Delegate=yes in its unit; from a terminal: systemd-run --user --scope -p Delegate=yes lazaret serve), ")
        + "or set Lazaret:Sandbox:AllowUnboundedMemory to true if something else limits the node's memory, for example a container's limit";

    /// <exception cref="SandboxException">There is no control group, and a visiting program may not run without one.</exception>
    public static void Require(ControlGroup? group, SandboxRun run, SandboxOptions options)
    {
        if (group is null && !run.IsOurs && !options.AllowUnboundedMemory)
            throw new SandboxException(Refusal);
    }

    /// <summary>What is not limited, as sentences; judged by what a run's control group measured.</summary>
    public static IReadOnlyList<string> Lacks(SandboxUsage? usage) => usage switch
    {
        null => ["No control group can be used here, so the memory and processor time of programs are not limited. "
            + "The setting Lazaret:Sandbox:AllowUnboundedMemory allows that"],
        { BoundsProcessors: false } => ["Processor time is not limited, since the node's control group was delegated without the cpu controller"],
        _ => [],
    };
}
