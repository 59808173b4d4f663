namespace Lazaret.Node.Cli;

/// <summary>What the exit code of every command means.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>It ran, and the answer is no.</summary>
    public const int No = 1;

    /// <summary>Bad arguments, configuration or input.</summary>
    public const int BadInput = 2;

    /// <summary>Something that the node needs is missing or down.</summary>
    public const int Missing = 3;

    /// <summary>Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}
