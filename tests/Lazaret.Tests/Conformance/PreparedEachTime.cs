using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Waiting;

namespace Lazaret.Tests.Conformance;

/// <summary>A backend each of whose runs gets a sandbox that was prepared before it knew the inputs, as the warm pool does.</summary>
internal sealed class PreparedEachTime(ISandbox backend) : ISandbox
{
    public string Name => backend.Name;

    public bool Isolates => backend.Isolates;

    public Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken) => backend.ProbeAsync(cancellationToken);

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        var blank = run with { Id = "warm", Inputs = run.Inputs.ToDictionary(input => input.Key, _ => default(ReadOnlyMemory<byte>)) };
        await using var waiting = await ((IWarmSandbox)backend).PrepareAsync(blank);
        Assert.True(waiting.IsWaiting);
        return await waiting.RunAsync(run, cancellationToken);
    }
}
