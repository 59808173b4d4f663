using System.Collections.Concurrent;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Models;

/// <summary>The registered models.</summary>
public sealed partial class ModelRegistry(ProgramRegistry programs, ILogger<ModelRegistry> logger)
{
    // By their texts. Every request looks at every manifest, and reading one takes longer than all else about it.
    // Null for one that cannot be read: it must not shut out the others.
    private readonly ConcurrentDictionary<string, ModelManifest?> _manifests = new(StringComparer.Ordinal);

    /// <inheritdoc cref="ProgramRegistry.AddAsync"/>
    public async Task<Model> AddAsync(string manifestFile, CancellationToken cancellationToken)
    {
        var (text, manifest) = ManifestReader.ReadFile(manifestFile);
        return Open(await programs.AddAsync(ProgramKind.Model, manifestFile, text, manifest, cancellationToken), manifest);
    }

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

    private Model? Open(RegisteredProgram row) => _manifests.GetOrAdd(row.Manifest, static (_, of) => of.registry.Read(of.row), (registry: this, row)) is { } manifest
        ? Open(row, manifest)
        : null;

    private ModelManifest? Read(RegisteredProgram row)
    {
        try
        {
            return ManifestReader.ReadRegistered(row.Manifest, row.Name);
        }
        catch (InputException e)
        {
            LogUnreadable(row.Name, e.Message);
            return null;
        }
    }

    private Model Open(RegisteredProgram row, ModelManifest manifest) => new(row, manifest, programs.Root(row));

    [LoggerMessage(LogLevel.Error, "The manifest of {Model} in the registry cannot be read, so that the model is not offered: {Fault}. 'lazaret models remove' it, and add it again")]
    private partial void LogUnreadable(string model, string fault);
}
