using System.Diagnostics.CodeAnalysis;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Analyses;

/// <summary>What a visiting analysis says of itself beyond what every visiting program says: which statistics it computes.</summary>
public sealed record AnalysisManifest : ProgramManifest
{
    [SetsRequiredMembers]
    public AnalysisManifest(ProgramManifest shared, IReadOnlyList<string> stats, bool covariates)
        : base(shared)
    {
        Stats = stats;
        Covariates = covariates;
    }

    /// <summary>Of pearson, spearman and kendall.</summary>
    public IReadOnlyList<string> Stats { get; }

    /// <summary>Whether it reads the variable COVARIATES.</summary>
    public bool Covariates { get; }
}
