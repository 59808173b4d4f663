namespace Lazaret.Node.Sandboxes;

/// <summary>The host could not set a sandbox up: a tool is missing, a kernel feature is off, no user id is free. Never the program's fault.</summary>
public sealed class SandboxException(string message, Exception? innerException = null) : Exception(message, innerException);
