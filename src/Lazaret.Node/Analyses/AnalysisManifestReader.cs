using Lazaret.Cohort.Faults;
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
        return new AnalysisManifest(shared, stats.Count > 0 ? stats : Usual, root.Truth("covariates") ?? false);
    }
}
