namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>A backend that can set up a sandbox before it knows the run's inputs.</summary>
internal interface IWarmSandbox : ISandbox
{
    /// <summary>Sets up a sandbox for a later run. The later run may differ from this one only in its id and the bytes of its inputs.</summary>
    Task<IPreparedSandbox> PrepareAsync(SandboxRun run);
}

/// <summary>A sandbox that is set up and waits for its run; it serves one. Disposing ends it, and then nothing of it is left.</summary>
internal interface IPreparedSandbox : IAsyncDisposable
{
    /// <summary>Whether it still waits. False after it got its run, or after its processes were killed from outside.</summary>
    bool IsWaiting { get; }

    /// <inheritdoc cref="ISandbox.RunAsync"/>
    Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken);
}
