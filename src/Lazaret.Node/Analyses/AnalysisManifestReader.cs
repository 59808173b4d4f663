using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Analyses;

/// <summary>Reads an analysis' manifest, as YAML or JSON: every fault at once, with line and column.</summary>
internal static class AnalysisManifestReader
{
    private static readonly string[] Known = [.. Enum.GetNames<Statistic>().Select(name => name.ToLowerInvariant())];

    // What the starter's analysis knows.
    private static readonly string[] Usual = ["pearson", "spearman"];

    /// <exception cref="InputException">It has faults.</exception>
    public static AnalysisManifest Read(string text, string name) => ProgramManifestReader.Read(text, name, Read);

    private static AnalysisManifest Read(YamlObject root, ProgramManifest shared, FaultList<string> faults)
    {
        var stats = root.Texts("stats");
        if (stats.Except(Known, StringComparer.Ordinal).Any())
            root.Fault("stats", $"must be of {string.Join(", ", Known)}");
        var scores = root.Texts("scores");
        if (scores.Except(ScoreNames.All, StringComparer.Ordinal).Any())
            root.Fault("scores", $"must be of {string.Join(", ", ScoreNames.All)}");
        return new AnalysisManifest(shared, scores.Count > 0 ? scores : [ScoreNames.All[0]], stats.Count > 0 ? stats : Usual, root.Truth("covariates") ?? false);
    }
}
