using Lazaret.Node.Sandboxes;

namespace Lazaret.Tests.Conformance;

[Collection(nameof(SandboxConformance))]
public class SandboxCrunTests() : SandboxWarmConformance(new SandboxOptions { Backend = "oci", Oci = new() { Runtime = "crun" } })
{
    protected override long OwnMemory => 8 << 20;
}

[Collection(nameof(SandboxConformance))]
public sealed class SandboxRuncTests() : SandboxWarmConformance(new SandboxOptions { Backend = "oci", Oci = new() { Runtime = "runc" } })
{
    protected override long OwnMemory => 48 << 20;

    /// <summary>runc copies each stream by itself.</summary>
    protected override bool KeepsOrderOfStreams => false;
}

[Collection(nameof(SandboxConformance))]
public class SandboxGvisorTests() : SandboxWarmConformance(new SandboxOptions { Backend = "gvisor" })
{
    protected override bool HasKernelOfItsOwn => true;

    protected override long OwnMemory => 128 << 20;

    /// <summary>The host sees gVisor alone, not what runs on it.</summary>
    protected override bool IsRunning(string marker) => Runs("runsc-sandbox");
}

/// <summary>Each run in a container that waited for it.</summary>
public sealed class SandboxCrunInWaitingTests : SandboxCrunTests
{
    protected override async Task<ISandbox> SandboxAsync() => new PreparedEachTime(await base.SandboxAsync());
}

/// <inheritdoc cref="SandboxCrunInWaitingTests"/>
public sealed class SandboxGvisorInWaitingTests : SandboxGvisorTests
{
    protected override async Task<ISandbox> SandboxAsync() => new PreparedEachTime(await base.SandboxAsync());
}
