namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>Exit codes as a shell gives them, where a program has none of its own.</summary>
internal static class ExitCodes
{
    public const int NoSuchProgram = 127;

    /// <summary>Of what SIGKILL ended.</summary>
    public const int Killed = 137;
}
