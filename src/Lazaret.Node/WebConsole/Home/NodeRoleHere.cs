namespace Lazaret.Node.WebConsole.Home;

/// <summary>What this process does, for its page.</summary>
internal sealed record NodeRoleHere(NodeRole Role);
