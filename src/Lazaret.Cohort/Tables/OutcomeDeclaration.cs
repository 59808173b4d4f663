namespace Lazaret.Cohort.Tables;

/// <param name="Levels">The values that occur; null when any number may.</param>
public sealed record OutcomeDeclaration(string Name, IReadOnlyList<double>? Levels);
