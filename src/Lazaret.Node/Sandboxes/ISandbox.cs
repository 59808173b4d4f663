namespace Lazaret.Node.Sandboxes;

/// <summary>One way to run a visiting program beside the data. Every implementation passes <c>tests/Conformance/SandboxConformance</c>.</summary>
public interface ISandbox
{
    /// <summary>The name used in configuration and in the audit: <c>bubblewrap</c>, <c>process</c>, …</summary>
    string Name { get; }

    /// <summary>
    /// Runs the program once and returns when nothing of it is left: no process, no mount, no file.
    /// What the visitor does wrong is an outcome; an exception means that the host itself is broken.
    /// </summary>
    Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken);
}
