namespace Lazaret.Node.Sandboxes;

/// <summary>One way to run a visiting program beside the data. Every implementation passes <c>SandboxConformance</c> in <c>tests/Lazaret.Tests/Conformance</c>.</summary>
public interface ISandbox
{
    /// <summary>The name used in configuration and in the audit: <c>bubblewrap</c>, <c>process</c>, …</summary>
    string Name { get; }

    /// <summary>Whether it keeps the program from the host at all.</summary>
    bool Isolates => true;

    /// <summary>Tries the backend on this machine by running a program that does nothing.</summary>
    Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs the program once and returns when nothing of it is left: no process, no mount, no file.
    /// What the program does wrong is an outcome; a <see cref="SandboxException"/> means that the host itself is at fault.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing of the program is left here either.</exception>
    Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken);
}
