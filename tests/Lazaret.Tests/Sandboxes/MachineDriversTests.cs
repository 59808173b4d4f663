using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.MicroVm;
using Lazaret.Node.Storage;
using Lazaret.Tests.Conformance;

namespace Lazaret.Tests.Sandboxes;

[Collection(nameof(SandboxConformance))]
public sealed class MachineDriversTests
{
    private static readonly StateFolder State = new(SandboxGuest.State, readers: 0);

    [Theory]
    [InlineData("auto", "qemu", "firecracker")]
    [InlineData("qemu", "qemu")]
    [InlineData("firecracker", "firecracker")]
    public void The_one_that_is_tested_is_preferred(string configured, params string[] drivers) =>
        Assert.Equal(drivers, MachineDrivers.Of(Options(configured), State, TimeProvider.System).Select(driver => driver.Name));

    [Theory]
    [InlineData("is not there")]
    [InlineData("fails")]
    public async Task The_next_one_is_taken_where_the_first(string how)
    {
        await SandboxUnderTest.BackendAsync(new SandboxOptions { Backend = "microvm" });
        var options = Options("qemu");
        var sandbox = new MicroVmSandbox(
            options, State, [new Broken(how == "is not there"), .. MachineDrivers.Of(options, State, TimeProvider.System)], TimeProvider.System);
        var probe = await sandbox.ProbeAsync(TestContext.Current.CancellationToken);
        Assert.True(probe.Available, probe.Why);
        Assert.Contains("under qemu", probe.Why, StringComparison.Ordinal);
        Assert.IsType<SandboxOutcome.Completed>(await sandbox.RunAsync(SandboxUnderTest.Script("""echo >"$WORK/out" """), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_none_works_each_says_why()
    {
        await SandboxUnderTest.BackendAsync(new SandboxOptions { Backend = "microvm" });
        var probe = await new MicroVmSandbox(Options("auto"), State, [new Broken(isMissing: true), new Broken(isMissing: false)], TimeProvider.System)
            .ProbeAsync(TestContext.Current.CancellationToken);
        Assert.Equal((false, "it is not installed; it does not start"), (probe.Available, probe.Why));
    }

    private static SandboxOptions Options(string driver) => new()
    {
        FirstUid = SandboxUnderTest.FirstUid,
        UidCount = SandboxUnderTest.UidCount,
        MicroVm = new() { Driver = driver },
    };

    private sealed class Broken(bool isMissing) : IMachineDriver
    {
        public string Name => "broken";

        public string? Missing() => isMissing ? "it is not installed" : null;

        public void Sweep()
        {
        }

        public Task<bool> IsAcceleratedAsync(Machine noOp, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<MachineEnd> RunAsync(Machine machine, CancellationToken cancellationToken) => throw new SandboxException("it does not start");
    }
}
