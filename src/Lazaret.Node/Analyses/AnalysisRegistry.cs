using Lazaret.Cohort;
using Lazaret.Node.Audit;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Analyses;

/// <summary>The registered analyses.</summary>
internal sealed class AnalysisRegistry(ProgramRegistry programs, ILogger<AnalysisRegistry> logger)
{
    private readonly RegisteredManifests<AnalysisManifest> _manifests = new(AnalysisManifestReader.Read, logger);

    /// <inheritdoc cref="ProgramRegistry.AddAsync"/>
    public Task<Analysis> AddAsync(string manifestFile, CancellationToken cancellationToken) => AddAsync(manifestFile, null, AuditEntry.Operator, cancellationToken);

    /// <inheritdoc cref="ProgramRegistry.AddAsync"/>
    public Task<Analysis> AddAsync(ProgramFiles files, string actor, CancellationToken cancellationToken) => AddAsync(files.Manifest, files, actor, cancellationToken);

    /// <summary>Every registered version, by key, the newest first.</summary>
    public async Task<IReadOnlyList<Analysis>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. (await programs.ListAsync(ProgramKind.Analysis, cancellationToken)).Select(Open).OfType<Analysis>()
            .OrderBy(analysis => analysis.Row.Key, StringComparer.Ordinal)
            .ThenByDescending(analysis => analysis.Manifest.Version),
    ];

    /// <summary>The tasks that a request may name, and the newest version behind each.</summary>
    public async Task<IReadOnlyDictionary<string, Analysis>> TasksAsync(CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).DistinctBy(analysis => analysis.Row.Key).ToDictionary(analysis => analysis.Row.Key, StringComparer.Ordinal);

    public async Task<Analysis?> FindAsync(string key, string version, CancellationToken cancellationToken) =>
        await programs.FindAsync(ProgramKind.Analysis, key, version, cancellationToken) is { } row ? Open(row) : null;

    private async Task<Analysis> AddAsync(string manifestFile, ProgramFiles? files, string actor, CancellationToken cancellationToken)
    {
        var text = ProgramManifestReader.ReadFile(manifestFile);
        var manifest = AnalysisManifestReader.Read(text, manifestFile);
        if (AnalysisContract.BuiltIn.Contains(manifest.Key))
            throw new InputException($"{manifestFile}: key: {manifest.Key} is a built-in analysis");
        return new Analysis(await programs.AddAsync(ProgramKind.Analysis, manifestFile, text, files?.Place(manifest) ?? manifest, actor, cancellationToken), manifest);
    }

    private Analysis? Open(RegisteredProgram row) => _manifests.Find(row) is { } manifest ? new Analysis(row, manifest) : null;
}
