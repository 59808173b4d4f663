namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>A backend that can set a sandbox up before its run comes.</summary>
internal interface IWarmSandbox : ISandbox
{
    /// <summary>Sets up a sandbox that waits for a run like this one: all of it but its id and the bytes of its inputs.</summary>
    Task<IPreparedSandbox> PrepareAsync(SandboxRun run);
}

/// <summary>A sandbox that waits for its only run. Disposing it ends it; nothing of it is left then.</summary>
internal interface IPreparedSandbox : IAsyncDisposable
{
    /// <summary>Whether it still waits: something outside may have ended it.</summary>
    bool IsWaiting { get; }

    /// <inheritdoc cref="ISandbox.RunAsync"/>
    Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken);
}
