namespace Lazaret.Disclosure;

/// <summary>What is wrong with a policy.</summary>
/// <param name="Setting">The property.</param>
/// <param name="Allowed">The values that are allowed; empty when they are no list.</param>
public sealed record PolicyFault(string Setting, string Message, IReadOnlyList<string> Allowed);
