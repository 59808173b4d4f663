namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>The answer about one of several maps.</summary>
/// <param name="R">The correlation.</param>
/// <param name="Low">Where its 95 % interval begins.</param>
/// <param name="High">Where that ends.</param>
/// <param name="P">As it is shown.</param>
/// <param name="Q">The share of false discoveries among all maps.</param>
/// <param name="N">How many people.</param>
public sealed record BatchLine(decimal R, decimal? Low, decimal? High, string P, decimal? Q, int N);
