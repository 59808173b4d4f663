using Lazaret.Node.Sandboxes;
using Lazaret.Tests.Conformance;

namespace Lazaret.Tests.Sandboxes;

[Collection(nameof(SandboxConformance))]
public sealed class SandboxBackendsTests
{
    [Fact]
    public async Task Auto_takes_the_first_that_runs_here()
    {
        var backends = SandboxUnderTest.Backends(SandboxBackends.Auto);
        var probes = await backends.ProbeAsync(TestContext.Current.CancellationToken);
        Assert.Equal(SandboxBackends.Names.Skip(1), probes.Select(probe => probe.Backend.Name));
        var chosen = await backends.ChooseAsync(TestContext.Current.CancellationToken);
        Assert.Same(probes.First(probe => probe.Probe is { Available: true, OnlyByName: false }).Backend, chosen);
    }

    [Fact]
    public async Task A_backend_that_is_not_chosen_does_nothing_on_this_machine()
    {
        // Where a node had its runs' folders once, in everybody's reach.
        var planted = Directory.CreateDirectory($"/dev/shm/lazaret-run-{Guid.NewGuid():N}");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(planted.FullName, "lock"), "", TestContext.Current.CancellationToken);
            await using var backends = SandboxUnderTest.Backends("bubblewrap");
            await SandboxUnderTest.Backends("process").ProbeAsync(TestContext.Current.CancellationToken);
            Assert.True(Directory.Exists(planted.FullName));
        }
        finally
        {
            if (Directory.Exists(planted.FullName))
                planted.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_the_chosen_one_could_do_is_known_without_trying_it_again()
    {
        await using var backends = SandboxUnderTest.Backends("process");
        var probe = await backends.ProbeOfChosenAsync(TestContext.Current.CancellationToken);
        Assert.True(probe.Available);
        Assert.Equal("process", (await backends.ChooseAsync(TestContext.Current.CancellationToken)).Name);
        Assert.Same(probe, await backends.ProbeOfChosenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_probe_says_why() =>
        Assert.All(await SandboxUnderTest.Backends("process").ProbeAsync(TestContext.Current.CancellationToken), probe => Assert.NotEqual("", probe.Probe.Why));

    [Fact]
    public async Task Production_refuses_to_isolate_nothing()
    {
        var refusal = await Assert.ThrowsAsync<SandboxException>(() =>
            SandboxUnderTest.Backends("process", "Production").ChooseAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Lazaret:Sandbox:Backend is process", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Production", refusal.Message, StringComparison.Ordinal);
    }
}
