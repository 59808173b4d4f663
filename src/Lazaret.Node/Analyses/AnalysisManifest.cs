using System.Diagnostics.CodeAnalysis;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Analyses;

/// <summary>What a visiting analysis says of itself beyond what every visiting program says: which scores and statistics it computes.</summary>
public sealed record AnalysisManifest : ProgramManifest
{
    [SetsRequiredMembers]
    public AnalysisManifest(ProgramManifest shared, IReadOnlyList<string> scores, IReadOnlyList<string> stats, bool covariates)
        : base(shared)
    {
        Scores = scores;
        Stats = stats;
        Covariates = covariates;
    }

    /// <summary>By their names in requests; <c>dot</c> alone for one that does not read the variable SCORE.</summary>
    public IReadOnlyList<string> Scores { get; }

    /// <summary>Of pearson, spearman and kendall.</summary>
    public IReadOnlyList<string> Stats { get; }

    /// <summary>Whether it reads the variable COVARIATES.</summary>
    public bool Covariates { get; }
}
