namespace Lazaret.Cohort.Files;

/// <summary>What is wrong in a text, and where.</summary>
/// <param name="Line">From 1; 0 when it is of the whole text.</param>
/// <param name="Column">From 1; 0 when it is of the whole line.</param>
public sealed record TextFault(int Line, int Column, string Message);
