using Lazaret.Node;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.MicroVm;

namespace Lazaret.Tests.Conformance;

/// <summary>The virtual machine's kernel, built once for all tests of a checkout and kept beside them, since it takes seconds and changes seldom.</summary>
internal static class SandboxGuest
{
    private static readonly Lazy<Task> Building = new(MakeAsync);

    /// <summary>The state folder of the backends under test.</summary>
    public static string State { get; } = Path.Join(AppContext.BaseDirectory, "microvm-state");

    /// <exception cref="SandboxException">The kernel's package or a tool is missing.</exception>
    public static Task BuildAsync() => Building.Value;

    private static async Task MakeAsync()
    {
        try
        {
            await new GuestBuild(Path.Join(State, "microvm")).RunAsync(_ => { }, CancellationToken.None);
        }
        catch (MissingException e)
        {
            throw new SandboxException(e.Message, e);
        }
    }
}
