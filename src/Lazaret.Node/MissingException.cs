namespace Lazaret.Node;

/// <summary>Something that the node needs is missing or down: exit code 3, and the message on stderr.</summary>
internal sealed class MissingException(string message) : Exception(message);
