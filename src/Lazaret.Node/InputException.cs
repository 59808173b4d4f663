namespace Lazaret.Node;

/// <summary>The arguments, the configuration or a file that was named are wrong: exit code 2, and the message on stderr.</summary>
internal sealed class InputException(string message) : Exception(message);
