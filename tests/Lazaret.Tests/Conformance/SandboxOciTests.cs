using Lazaret.Node.Sandboxes;

namespace Lazaret.Tests.Conformance;

[Collection(nameof(SandboxConformance))]
public sealed class SandboxCrunTests() : SandboxIsolationConformance(new SandboxOptions { Backend = "oci", Oci = new() { Runtime = "crun" } })
{
    protected override long OwnMemory => 8 << 20;
}

[Collection(nameof(SandboxConformance))]
public sealed class SandboxRuncTests() : SandboxIsolationConformance(new SandboxOptions { Backend = "oci", Oci = new() { Runtime = "runc" } })
{
    protected override long OwnMemory => 48 << 20;

    /// <summary>runc copies each stream by itself.</summary>
    protected override bool KeepsOrderOfStreams => false;
}

[Collection(nameof(SandboxConformance))]
public sealed class SandboxGvisorTests() : SandboxIsolationConformance(new SandboxOptions { Backend = "gvisor" })
{
    protected override bool HasKernelOfItsOwn => true;

    protected override long OwnMemory => 128 << 20;

    /// <summary>The host sees gVisor alone, not what runs on it.</summary>
    protected override bool IsRunning(string marker) => Runs("runsc-sandbox");
}
