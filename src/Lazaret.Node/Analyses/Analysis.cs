using Lazaret.Node.Programs;

namespace Lazaret.Node.Analyses;

/// <summary>A registered version with its manifest read.</summary>
public sealed record Analysis(RegisteredProgram Row, AnalysisManifest Manifest)
{
    /// <summary>What of an admitted query it cannot answer: the field, and why.</summary>
    public IEnumerable<(string Field, string Why)> Faults(string score, string stat, int covariates, int maps)
    {
        if (!Manifest.Scores.Contains(score))
            yield return ("score", $"{Row.Key} computes {string.Join(" and ", Manifest.Scores)}");
        if (!Manifest.Stats.Contains(stat))
            yield return ("stat", $"{Row.Key} computes {string.Join(" and ", Manifest.Stats)}");
        if (covariates > 0 && !Manifest.Covariates)
            yield return ("covariates", $"{Row.Key} takes none");
        if (maps > 1)
            yield return ("map_file", $"{Row.Key} takes one map at a time, and this holds {maps}");
    }
}
