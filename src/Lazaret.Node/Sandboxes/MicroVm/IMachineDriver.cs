namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>A program that runs virtual machines. Each takes the same kernel, initramfs and drives.</summary>
internal interface IMachineDriver
{
    /// <summary>The name used in configuration.</summary>
    string Name { get; }

    /// <summary>Why it cannot run here and what to do; null when it can.</summary>
    string? Missing();

    /// <summary>Whether the processor runs the guest's code itself, found out by booting a machine that does nothing.</summary>
    Task<bool> IsAcceleratedAsync(Machine machine, CancellationToken cancellationToken);

    /// <summary>Removes what killed nodes left.</summary>
    void Sweep();

    /// <summary>Runs the machine to its end, after which nothing of it is left.</summary>
    /// <exception cref="SandboxException">The host could not run it.</exception>
    Task<MachineEnd> RunAsync(Machine machine, CancellationToken cancellationToken);
}
