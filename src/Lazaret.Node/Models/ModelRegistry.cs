using Lazaret.Node.Audit;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Models;

/// <summary>The registered models.</summary>
public sealed class ModelRegistry(ProgramRegistry programs, ILogger<ModelRegistry> logger)
{
    private readonly RegisteredManifests<ModelManifest> _manifests = new(ManifestReader.ReadRegistered, logger);

    /// <inheritdoc cref="ProgramRegistry.AddAsync"/>
    public Task<Model> AddAsync(string manifestFile, CancellationToken cancellationToken) => AddAsync(manifestFile, null, AuditEntry.Operator, cancellationToken);

    /// <inheritdoc cref="ProgramRegistry.AddAsync"/>
    internal Task<Model> AddAsync(ProgramFiles files, string actor, CancellationToken cancellationToken) => AddAsync(files.Manifest, files, actor, cancellationToken);

    /// <summary>Every registered version, by key, the most accurate first.</summary>
    public async Task<IReadOnlyList<Model>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. (await programs.ListAsync(ProgramKind.Model, cancellationToken)).Select(Open).OfType<Model>()
            .OrderBy(model => model.Manifest.Key, StringComparer.Ordinal)
            .ThenByDescending(model => model.Manifest.Accuracy)
            .ThenByDescending(model => model.Manifest.Version),
    ];

    /// <summary>The most accurate version of a key; null when there is none.</summary>
    public async Task<Model?> FindBestAsync(string key, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(model => model.Manifest.Key == key);

    public async Task<Model?> FindAsync(string key, string version, CancellationToken cancellationToken) =>
        await programs.FindAsync(ProgramKind.Model, key, version, cancellationToken) is { } row ? Open(row) : null;

    private async Task<Model> AddAsync(string manifestFile, ProgramFiles? files, string actor, CancellationToken cancellationToken)
    {
        var (text, manifest) = ManifestReader.ReadFile(manifestFile);
        return Open(await programs.AddAsync(ProgramKind.Model, manifestFile, text, files?.Place(manifest) ?? manifest, actor, cancellationToken), manifest);
    }

    private Model? Open(RegisteredProgram row) => _manifests.Find(row) is { } manifest ? Open(row, manifest) : null;

    private Model Open(RegisteredProgram row, ModelManifest manifest) => new(row, manifest, programs.Root(row));
}
