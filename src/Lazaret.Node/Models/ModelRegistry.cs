using System.Collections.Concurrent;
using System.ComponentModel;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Models;

/// <summary>The registered models: their manifests in the database, their images and signatures in the state folder, pinned by digest.</summary>
public sealed class ModelRegistry(IDbContextFactory<LazaretDb> databases, StateFolder state, ModelOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    // By their texts. Every request looks at every manifest, and reading one takes longer than all else about it.
    private readonly ConcurrentDictionary<string, ModelManifest> _manifests = new(StringComparer.Ordinal);

    /// <summary>
    /// Registers a model.
    /// <list type="number">
    /// <item>Read the manifest and look at the image.</item>
    /// <item>Compute the image's digest, and check the signature over it.</item>
    /// <item>Wait until nobody else writes to the registry's folder; a version that is registered by then stays as it is.</item>
    /// <item>Copy the image, read only, to the folder of its digest, and the signature beside it.</item>
    /// <item>Write the row and the audit entry.</item>
    /// </list>
    /// </summary>
    /// <exception cref="InputException">The manifest, the image or the signature is not acceptable, or the version is registered.</exception>
    public async Task<Model> AddAsync(string manifestFile, CancellationToken cancellationToken)
    {
        // 1. Read the manifest and look at the image.
        var (text, manifest) = await ManifestReader.ReadFileAsync(manifestFile, cancellationToken);
        var beside = Path.GetDirectoryName(Path.GetFullPath(manifestFile))!;
        var image = Path.Combine(beside, manifest.Image);
        var signature = manifest.Signature is null ? null : Path.Combine(beside, manifest.Signature);
        LookAt(manifestFile, image);

        // 2. Compute the digest, and check the signature over it.
        var digest = Digest(manifestFile, image, manifest.Command[0]);
        var signedBy = CheckSignature(manifestFile, signature, digest);

        // 3. Wait until nobody else writes to the registry's folder.
        await using var turn = await TakeTurnAsync(cancellationToken);
        var version = manifest.Version.ToString();
        var known = new InputException($"{manifestFile}: {manifest.Key}@{version} is registered already: a version never changes");
        if (await FindAsync(manifest.Key, version, cancellationToken) is not null)
            throw known;

        // 4. Copy the image and the signature.
        var row = new RegisteredModel
        {
            Key = manifest.Key,
            Version = version,
            Manifest = text,
            Digest = digest,
            SignedBy = signedBy,
            AddedAt = time.GetUtcNow(),
        };
        Keep(manifestFile, image, digest);
        if (signature is not null)
            await File.WriteAllBytesAsync(SignatureFile(row), await File.ReadAllBytesAsync(signature, cancellationToken), cancellationToken);

        // 5. Write the row and the audit entry.
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Models.Add(row);
        db.Audit.Add(AuditEntry.Of(AuditAction.ModelAdded, row.AddedAt, AuditEntry.Operator, Detail(row)));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // A node with another state folder on this database may have been quicker.
            if (await FindAsync(manifest.Key, version, cancellationToken) is not null)
                throw known;
            throw;
        }

        return new Model(row, manifest, Folder(digest));
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
        await using var turn = await TakeTurnAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Models.SingleOrDefaultAsync(model => model.Key == key && model.Version == version, cancellationToken) is not { } row)
            return false;
        db.Models.Remove(row);
        db.Audit.Add(AuditEntry.Of(AuditAction.ModelRemoved, time.GetUtcNow(), AuditEntry.Operator, Detail(row)));
        await db.SaveChangesAsync(cancellationToken);
        File.Delete(SignatureFile(row));
        if (!await db.Models.AnyAsync(model => model.Digest == row.Digest, cancellationToken) && Directory.Exists(Folder(row.Digest)))
            Directory.Delete(Folder(row.Digest), recursive: true);
        return true;
    }

    /// <summary>What is wrong by now with a registered model's image or signature; null when nothing is.</summary>
    public string? FaultOf(Model model)
    {
        if (!ImageDigest.Matches(model.Root, model.Row.Digest))
            return "CHANGED since it was registered";
        if (model.Row.SignedBy is null)
            return null;
        var signedBy = ImageSignature.Verify(SignatureFile(model.Row), model.Row.Digest, options.TrustedKeys, out var why);
        return signedBy == model.Row.SignedBy ? null : $"signature: {(signedBy is null ? why : $"is by {signedBy} now, and was by {model.Row.SignedBy}")}";
    }

    private Model Open(RegisteredModel row) =>
        new(row, _manifests.GetOrAdd(row.Manifest, static (text, name) => ManifestReader.Read(text, name), $"{row.Key}@{row.Version}"), Folder(row.Digest));

    private string Folder(string digest) => Path.Combine(state.Models, digest.Replace(':', '-'));

    private string SignatureFile(RegisteredModel row) => Path.Combine(state.Models, $"{row.Key}@{row.Version}.sig");

    private static void LookAt(string manifestFile, string image)
    {
        if (File.Exists(image) || (File.Exists(Path.Combine(image, "oci-layout")) && File.Exists(Path.Combine(image, "index.json"))))
        {
            throw new InputException(
                $"{manifestFile}: image: OCI layouts and archives are not read by this version: unpack it with 'umoci unpack' (or skopeo/umoci) and name the root folder");
        }

        if (!Directory.Exists(image))
            throw new InputException($"{manifestFile}: image: there is no folder {image}");
    }

    private static string Digest(string manifestFile, string image, string program)
    {
        try
        {
            return ImageDigest.HoldsFile(image, program)
                ? ImageDigest.Of(image)
                : throw new InputException($"{manifestFile}: command: the image holds no file {program}");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new InputException($"{manifestFile}: image: {e.Message}");
        }
    }

    private string? CheckSignature(string manifestFile, string? signature, string digest)
    {
        if (signature is null)
        {
            return options.RequireSignature
                ? throw new InputException($"{manifestFile}: signature: is missing, and Lazaret:Models:RequireSignature is set")
                : null;
        }

        if (options.TrustedKeys.Count == 0)
            throw new InputException($"{manifestFile}: signature: cannot be checked: name the maker's public key in Lazaret:Models:TrustedKeys");
        return ImageSignature.Verify(signature, digest, options.TrustedKeys, out var why) ?? throw new InputException($"{manifestFile}: signature: {why}");
    }

    /// <summary>The only one who writes below <c>State/models</c>, until it is disposed of. The kernel drops the lock with the process.</summary>
    private async Task<FileStream> TakeTurnAsync(CancellationToken cancellationToken)
    {
        const int HeldByAnother = 11;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(state.Models, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.HResult == HeldByAnother)
            {
                await Task.Delay(Patience, time, cancellationToken);
            }
        }
    }

    // Whoever calls this has the turn, so that a copy which is not finished is nobody's.
    private void Keep(string manifestFile, string image, string digest)
    {
        foreach (var unfinished in Directory.EnumerateDirectories(state.Models).Where(other => Path.GetFileName(other).Contains('.', StringComparison.Ordinal)))
            Directory.Delete(unfinished, recursive: true);
        var folder = Folder(digest);
        if (Directory.Exists(folder))
            return;
        var copy = $"{folder}.{Guid.NewGuid():N}";
        try
        {
            ImageDigest.Copy(image, copy);
            if (!ImageDigest.Matches(copy, digest))
                throw new InputException($"{manifestFile}: image: it changed while it was copied");
            Directory.Move(copy, folder);
        }
        finally
        {
            if (Directory.Exists(copy))
                Directory.Delete(copy, recursive: true);
        }
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
