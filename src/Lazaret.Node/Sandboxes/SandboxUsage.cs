namespace Lazaret.Node.Sandboxes;

/// <summary>What a run took of the machine, all its processes together, as its control group counted it.</summary>
/// <param name="PeakMemory">In bytes, files in <c>/work</c> and <c>/tmp</c> included; null on kernels that do not say (before 5.19).</param>
/// <param name="Cpu">Processor time.</param>
/// <param name="OutOfMemory">Whether the kernel killed a process of it for want of memory.</param>
public sealed record SandboxUsage(long? PeakMemory, TimeSpan Cpu, bool OutOfMemory)
{
    /// <summary>Whether its share of the processors was bounded, too.</summary>
    public bool BoundsProcessors { get; init; } = true;
}
