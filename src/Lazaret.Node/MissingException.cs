namespace Lazaret.Node;

/// <summary>Something that the node needs is missing or down: exit code 3, and the message on stderr.</summary>
internal sealed class MissingException(string message) : Exception(message)
{
    /// <summary>Whether the message says all that there is to do about it.</summary>
    public bool SaysHow { get; init; }
}
