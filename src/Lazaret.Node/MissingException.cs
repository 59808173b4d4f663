namespace Lazaret.Node;

/// <summary>Something that the node needs is missing or down: exit code 3, and the message on stderr.</summary>
public sealed class MissingException(string message) : Exception(message);
