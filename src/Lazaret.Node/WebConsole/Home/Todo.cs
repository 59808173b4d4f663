namespace Lazaret.Node.WebConsole.Home;

/// <summary>Something that waits for the reader, with the next step.</summary>
/// <param name="What">What waits, in one sentence.</param>
/// <param name="Why">More details.</param>
/// <param name="Path">The page of the next step; null when no page that the reader may open does it.</param>
/// <param name="Step">The button's words; without a path the step itself, in words.</param>
/// <param name="IsUrgent">Whether somebody else waits for it.</param>
internal sealed record Todo(string What, string Why, string? Path, string Step, bool IsUrgent = false)
{
    /// <summary>The command with which the step begins, where there is no path; null for none.</summary>
    public string? Command { get; init; }
}

/// <summary>A part of the node, and its state.</summary>
/// <param name="Kind">The badge's class.</param>
/// <param name="Word">The badge's word.</param>
internal sealed record NodePart(string Name, string Kind, string Word, string Why);
