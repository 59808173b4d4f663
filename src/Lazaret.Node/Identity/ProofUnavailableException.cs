namespace Lazaret.Node.Identity;

/// <summary>Whether a proof holds cannot be told now: what it is checked with cannot be had. The same request may be let in a little later.</summary>
internal sealed class ProofUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
