namespace Lazaret.Node.WebConsole.Home;

/// <summary>The role of this process, for its page.</summary>
internal sealed record NodeRoleHere(NodeRole Role);
