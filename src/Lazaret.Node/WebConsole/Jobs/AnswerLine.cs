using Lazaret.Cohort.Statistics;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>The answer about one map, as a page shows it.</summary>
/// <param name="R">The correlation.</param>
/// <param name="N">How many people.</param>
public sealed record AnswerLine(decimal R, int N)
{
    private static readonly string TwoSided = AlternativeNames.Of(Alternative.TwoSided);

    /// <summary>The 95 % interval of R; null where there is none.</summary>
    public (decimal Low, decimal High)? Interval { get; private init; }

    /// <summary>The partial R given the score of the cohort's mean map; null when that was not asked for.</summary>
    public decimal? Beside { get; private init; }

    /// <summary>The name of p: of which alternative it is, and from how many draws.</summary>
    public string NameOfP { get; private init; } = "p";

    /// <summary>p as the page shows it.</summary>
    public string P { get; private init; } = "–";

    public int? DegreesOfFreedom { get; private init; }

    /// <summary>The numbers that only some answers have, each with its name; null when this answer does not have it.</summary>
    public IReadOnlyList<(string Name, string? Number)> More { get; private init; } = [];

    internal static AnswerLine Of(CohortAnswerResult answer) => new(answer.R!.Value, answer.N)
    {
        Interval = answer.Interval is [var low, var high] ? (low, high) : null,
        Beside = answer.RBesideDegree,
        NameOfP = $"p{(answer.Alternative is { } alternative && alternative != TwoSided ? $", one-sided ({alternative})" : "")}{(answer.Permutations is { } draws ? $", of {Words.Count(draws)} draws" : "")}",
        P = Words.P(answer.P, answer.PBelow),
        DegreesOfFreedom = answer.DegreesOfFreedom,
        More =
        [
            ("q over all maps", PWords(answer.Q, answer.QBelow)),
            ("p over all maps (family-wise)", PWords(answer.FamilyWiseP, answer.FamilyWisePBelow)),
            ("R beside the mean map (degree)", answer.RBesideDegree is { } beside ? Words.Number(beside) : null),
            ("p of that R", PWords(answer.PBesideDegree, answer.PBesideDegreeBelow)),
            ("AUC", answer.Auc is { } area ? $"{Words.Number(area)}{(answer.AucInterval is [var least, var most] ? $" ({Words.Number(least)} to {Words.Number(most)})" : "")}" : null),
            ("p of the AUC", PWords(answer.AucP, answer.AucPBelow)),
            ("n of the larger and of the smaller value", answer is { Ones: { } ones, Zeros: { } zeros } ? $"{ones}, {zeros}" : null),
        ],
    };

    private static string? PWords(decimal? p, decimal? below) => p is null ? null : Words.P(p, below);
}
