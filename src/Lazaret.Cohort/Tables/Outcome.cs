namespace Lazaret.Cohort.Tables;

/// <param name="N">Rows that have both a volume and this outcome.</param>
public sealed record Outcome(string Name, int N);
