namespace Lazaret.Fhir;

/// <summary>The reading took longer than it may. Never leaves this library.</summary>
internal sealed class OutOfTimeException : Exception;
