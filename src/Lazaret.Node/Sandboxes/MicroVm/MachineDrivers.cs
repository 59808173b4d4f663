using Lazaret.Node.Sandboxes.Bubblewrap;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>The programs that can run virtual machines.</summary>
internal static class MachineDrivers
{
    /// <summary>
    /// Those that the configuration allows, the preferred one first. That is QEMU, by which the conformance suite runs; Firecracker was never run.
    /// </summary>
    public static IReadOnlyList<IMachineDriver> Of(SandboxOptions options, StateFolder state, TimeProvider time)
    {
        var kvm = new KvmProbe(Path.Join(state.MicroVm, "kvm"));
        var templates = options.MicroVm.Templates ? new QemuTemplates(Path.Join(state.MicroVm, "templates"), time) : null;
        IMachineDriver[] all = [new QemuDriver(new BubblewrapSandbox(options, time), templates, kvm), new FirecrackerDriver(options, kvm, time)];
        return [.. all.Where(driver => options.MicroVm.Driver == MicroVmOptions.Auto || options.MicroVm.Driver == driver.Name)];
    }
}
