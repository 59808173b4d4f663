namespace Lazaret.Disclosure;

/// <summary>What is wrong with a policy.</summary>
/// <param name="Setting">The property.</param>
/// <param name="Allowed">What would have been right; empty when no list says it.</param>
public sealed record PolicyFault(string Setting, string Message, IReadOnlyList<string> Allowed);
