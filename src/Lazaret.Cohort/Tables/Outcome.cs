namespace Lazaret.Cohort.Tables;

/// <param name="N">Subjects that have both a volume and this outcome, at whichever visit.</param>
public sealed record Outcome(string Name, int N);
