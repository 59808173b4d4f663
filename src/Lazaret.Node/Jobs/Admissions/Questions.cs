namespace Lazaret.Node.Jobs.Admissions;

/// <summary>What a job asks of the cohort.</summary>
/// <param name="Queries">A canonical query a map: <see cref="AskedQuery.Query"/>.</param>
/// <param name="PerWeek">How many different ones its requester may ask in seven days; 0 for as many as they like.</param>
public sealed record Questions(IReadOnlyList<string> Queries, int PerWeek);
