using Lazaret.Node.Audit;
using Lazaret.Node.Cli;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Models;

/// <summary>The registered models: their manifests in the database, their images in the state folder, pinned by digest.</summary>
public sealed class ModelRegistry(IDbContextFactory<LazaretDb> databases, StateFolder state, ModelOptions options, TimeProvider time)
{
    /// <summary>
    /// Registers a model.
    /// <list type="number">
    /// <item>Read the manifest and look at the image.</item>
    /// <item>Compute the image's digest, and check the signature over it.</item>
    /// <item>Copy the image, read only, to the folder of its digest.</item>
    /// <item>Write the row and the audit entry.</item>
    /// </list>
    /// </summary>
    /// <exception cref="InputException">The manifest, the image or the signature is not acceptable, or the version is registered.</exception>
    public async Task<Model> AddAsync(string manifestFile, CancellationToken cancellationToken)
    {
        // 1. Read the manifest and look at the image.
        if (!File.Exists(manifestFile))
            throw new InputException($"{manifestFile}: there is no such file");
        var text = await File.ReadAllTextAsync(manifestFile, cancellationToken);
        var manifest = ManifestReader.Read(text);
        var beside = Path.GetDirectoryName(Path.GetFullPath(manifestFile))!;
        var image = Path.Combine(beside, manifest.Image);
        if (!Directory.Exists(image))
            throw new InputException($"{manifestFile}: image: there is no folder {image}");
        if (!File.Exists(Path.Join(image, manifest.Command[0])))
            throw new InputException($"{manifestFile}: command: the image holds no file {manifest.Command[0]}");

        // 2. Compute the digest, and check the signature over it.
        string digest;
        try
        {
            digest = ImageDigest.Of(image);
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{manifestFile}: image: {e.Message}");
        }

        var signedBy = CheckSignature(manifestFile, beside, manifest, digest);

        // 3. Copy the image.
        var folder = Folder(digest);
        if (!Directory.Exists(folder))
        {
            var unfinished = $"{folder}.{Guid.NewGuid():N}";
            ImageDigest.Copy(image, unfinished);
            if (ImageDigest.Of(unfinished) != digest)
                throw new InputException($"{manifestFile}: image: it changed while it was copied");
            Directory.Move(unfinished, folder);
        }

        // 4. Write the row and the audit entry.
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var version = manifest.Version.ToString();
        if (await db.Models.AnyAsync(model => model.Key == manifest.Key && model.Version == version, cancellationToken))
            throw new InputException($"{manifestFile}: {manifest.Key}@{version} is registered already: a version never changes");
        var row = new RegisteredModel
        {
            Key = manifest.Key,
            Version = version,
            Manifest = text,
            Digest = digest,
            SignedBy = signedBy,
            AddedAt = time.GetUtcNow(),
        };
        db.Models.Add(row);
        db.Audit.Add(AuditEntry.Of(AuditAction.ModelAdded, row.AddedAt, AuditEntry.Operator, Detail(row)));
        await db.SaveChangesAsync(cancellationToken);
        return new Model(row, manifest, folder);
    }

    /// <summary>Every registered version, by key, the most accurate first.</summary>
    public async Task<IReadOnlyList<Model>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Models.AsNoTracking().ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(Open)
                .OrderBy(model => model.Manifest.Key, StringComparer.Ordinal)
                .ThenByDescending(model => model.Manifest.Accuracy)
                .ThenByDescending(model => model.Manifest.Version),
        ];
    }

    /// <summary>The most accurate version of a key; null when there is none.</summary>
    public async Task<Model?> FindBestAsync(string key, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(model => model.Manifest.Key == key);

    public async Task<Model?> FindAsync(string key, string version, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Models.AsNoTracking().SingleOrDefaultAsync(model => model.Key == key && model.Version == version, cancellationToken) is { } row
            ? Open(row)
            : null;
    }

    /// <summary>Takes a version out of the registry; false when there is none. Its image goes too, when no other version shares it.</summary>
    public async Task<bool> RemoveAsync(string key, string version, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Models.SingleOrDefaultAsync(model => model.Key == key && model.Version == version, cancellationToken) is not { } row)
            return false;
        db.Models.Remove(row);
        db.Audit.Add(AuditEntry.Of(AuditAction.ModelRemoved, time.GetUtcNow(), AuditEntry.Operator, Detail(row)));
        await db.SaveChangesAsync(cancellationToken);
        if (!await db.Models.AnyAsync(model => model.Digest == row.Digest, cancellationToken))
            Directory.Delete(Folder(row.Digest), recursive: true);
        return true;
    }

    private Model Open(RegisteredModel row) => new(row, ManifestReader.Read(row.Manifest), Folder(row.Digest));

    private string Folder(string digest) => Path.Combine(state.Models, digest.Replace(':', '-'));

    private string? CheckSignature(string manifestFile, string beside, ModelManifest manifest, string digest)
    {
        if (manifest.Signature is null)
        {
            return options.RequireSignature
                ? throw new InputException($"{manifestFile}: signature: is missing, and Lazaret:Models:RequireSignature is set")
                : null;
        }

        if (options.TrustedKeys.Count == 0)
            throw new InputException($"{manifestFile}: signature: cannot be checked: name the maker's public key in Lazaret:Models:TrustedKeys");
        var file = Path.Combine(beside, manifest.Signature);
        return ImageSignature.Verify(file, digest, options.TrustedKeys, out var why) ?? throw new InputException($"{manifestFile}: signature: {why}");
    }

    private static AuditDetail Detail(RegisteredModel row) =>
        new() { ["model"] = $"{row.Key}@{row.Version}", ["digest"] = row.Digest, ["signed_by"] = row.SignedBy };
}

/// <summary>A registered version with its manifest read.</summary>
/// <param name="Row">The registry's row.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Root">The folder of its image.</param>
public sealed record Model(RegisteredModel Row, ModelManifest Manifest, string Root)
{
    public string Name => $"{Manifest.Key}@{Manifest.Version}";
}
