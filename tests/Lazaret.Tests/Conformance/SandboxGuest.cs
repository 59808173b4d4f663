using Lazaret.Node;
using Lazaret.Node.Sandboxes.MicroVm;

namespace Lazaret.Tests.Conformance;

/// <summary>The virtual machine's kernel, built once for all tests of a checkout and kept beside them, since it takes seconds and changes seldom.</summary>
internal static class SandboxGuest
{
    private static readonly Lazy<Task<string?>> Building = new(BuildAsync);

    /// <summary>The state folder of the backends under test.</summary>
    public static string State { get; } = Path.Join(AppContext.BaseDirectory, "microvm-state");

    /// <summary>Why it could not be built; null when it is there.</summary>
    public static Task<string?> BuiltAsync() => Building.Value;

    private static async Task<string?> BuildAsync()
    {
        try
        {
            await new GuestBuild(Path.Join(State, "microvm")).RunAsync(_ => { }, CancellationToken.None);
            return null;
        }
        catch (MissingException e)
        {
            return e.Message;
        }
    }
}
