using System.Text.Json;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Images;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Programs;

/// <summary>
/// The registered visiting programs of every kind: their manifests in the database, their images and signatures in the state folder,
/// pinned by digest.
/// </summary>
public sealed class ProgramRegistry(
    IDbContextFactory<LazaretDb> databases, StateFolder state, ImageStore images, ProgramOptions options, SandboxOptions sandboxes, TimeProvider time)
{
    // Every admission lists the programs, and translating this query was a good part of its cost.
    private readonly Func<LazaretDb, ProgramKind, IAsyncEnumerable<RegisteredProgram>> _list = EF.CompileAsyncQuery(
        (LazaretDb db, ProgramKind kind) => db.Set<RegisteredProgram>().AsNoTracking().Where(program => program.Kind == kind));

    /// <summary>
    /// Registers a program.
    /// <list type="number">
    /// <item>Compare its limits with the site's. A version that is registered stays as it is; where its image is gone or changed, the same image is put back.</item>
    /// <item>Check the whole image, and the signature over its digest; both lie in the manifest's folder.</item>
    /// <item>Unpack the image, read only.</item>
    /// <item>Wait until nobody else writes to the store, and look again whether the version is registered.</item>
    /// <item>Give image and signature their places, write the row and the audit entry.</item>
    /// </list>
    /// </summary>
    /// <param name="actor">Who registers it, for the audit.</param>
    /// <exception cref="InputException">The manifest, the image or the signature is not acceptable, or the version is registered.</exception>
    public async Task<RegisteredProgram> AddAsync(
        ProgramKind kind, string manifestFile, string text, ProgramManifest manifest, string actor, CancellationToken cancellationToken)
    {
        // 1. Compare its limits with the site's.
        RefuseExcesses(manifestFile, manifest);
        var registered = await FindLostAsync(kind, manifestFile, text, manifest, cancellationToken);

        // 2. Check the whole image, and the signature.
        using var sound = Check(manifestFile, text, manifest);
        var image = sound.Image;
        RefuseOtherImage(manifestFile, registered, image);

        // 3. Unpack the image.
        var before = await ContentAsync(image.Digest, cancellationToken);
        using var unpacked = Reading(manifestFile, "image: ", () => images.Unpack(image, before, manifest.Command[0]));

        // 4. Wait until nobody else writes to the store.
        using var turn = await images.TakeTurnAsync(cancellationToken);
        registered = await FindLostAsync(kind, manifestFile, text, manifest, cancellationToken);
        RefuseOtherImage(manifestFile, registered, image);

        // 5. Give image and signature their places, write the row and the audit entry.
        var known = await ContentAsync(image.Digest, cancellationToken);
        Reading(manifestFile, "image: ", () => images.Keep(unpacked, known));
        var row = registered ?? Row(kind, text, manifest, sound, unpacked);
        if (sound.Signature is { } signature && row.SignedBy == sound.SignedBy)
            await File.WriteAllBytesAsync(SignatureFile(row), signature, cancellationToken);
        await WriteAsync(row, isPutBack: registered is not null, manifestFile, manifest, actor, cancellationToken);
        return row;
    }

    private async Task WriteAsync(RegisteredProgram row, bool isPutBack, string manifestFile, ProgramManifest manifest, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var detail = Detail(row);
        if (isPutBack)
            detail["image"] = "put back";
        else
            db.Programs.Add(row);
        db.Audit.Add(AuditEntry.Of(row.Kind == ProgramKind.Model ? AuditAction.ModelAdded : AuditAction.AnalysisAdded, isPutBack ? time.GetUtcNow() : row.AddedAt, actor, detail));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // A node with another state folder on this database may have been quicker.
            if (await FindRegisteredAsync(row.Kind, manifestFile, manifest, cancellationToken) is not null)
                throw Registered(manifestFile, manifest);
            throw;
        }
    }

    /// <summary>Checks a program as <see cref="AddAsync"/> does, and unpacks its image, without registering it.</summary>
    /// <exception cref="InputException">The manifest, the image or the signature is not acceptable.</exception>
    internal TriedProgram Try(ProgramKind kind, string manifestFile, string text, ProgramManifest manifest)
    {
        RefuseExcesses(manifestFile, manifest);
        using var sound = Check(manifestFile, text, manifest);
        var unpacked = Reading(manifestFile, "image: ", () => images.Unpack(sound.Image, known: null, manifest.Command[0]));
        return new TriedProgram(Row(kind, text, manifest, sound, unpacked), unpacked);
    }

    /// <summary>Every registered version of every program of a kind.</summary>
    public async Task<IReadOnlyList<RegisteredProgram>> ListAsync(ProgramKind kind, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = new List<RegisteredProgram>();
        await foreach (var program in _list(db, kind).WithCancellation(cancellationToken))
            found.Add(program);
        return found;
    }

    public async Task<RegisteredProgram?> FindAsync(ProgramKind kind, string key, string version, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Programs.AsNoTracking().SingleOrDefaultAsync(program => program.Kind == kind && program.Key == key && program.Version == version, cancellationToken);
    }

    /// <summary>Takes a version out of the registry; false when there is none. Its image goes too, when no other version shares it.</summary>
    public async Task<bool> RemoveAsync(ProgramKind kind, string key, string version, string actor, CancellationToken cancellationToken)
    {
        using var turn = await images.TakeTurnAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Programs.SingleOrDefaultAsync(program => program.Kind == kind && program.Key == key && program.Version == version, cancellationToken) is not { } row)
            return false;
        db.Programs.Remove(row);
        db.Audit.Add(AuditEntry.Of(kind == ProgramKind.Model ? AuditAction.ModelRemoved : AuditAction.AnalysisRemoved, time.GetUtcNow(), actor, Detail(row)));
        await db.SaveChangesAsync(cancellationToken);
        File.Delete(SignatureFile(row));
        if (!await db.Programs.AnyAsync(program => program.Digest == row.Digest, cancellationToken))
            images.Remove(row.Digest);
        return true;
    }

    /// <summary>Where the images lie.</summary>
    public string Folder => state.Models;

    /// <summary>The folder of a program's image.</summary>
    public string Root(RegisteredProgram program) => images.Folder(program.Digest);

    /// <summary>What is wrong by now with a registered program's image or signature; null when nothing is.</summary>
    public string? FaultOf(RegisteredProgram program)
    {
        if (!Directory.Exists(Root(program)))
            return $"its image is missing ({Root(program)}): 'lazaret {(program.Kind == ProgramKind.Model ? "models" : "analyses")} add MANIFEST' puts it back, from the folder that it was registered from";
        if (!ImageDigest.Matches(Root(program), program.Content))
            return "CHANGED since it was registered";
        if (program.SignedBy is null)
            return null;
        byte[] signature;
        try
        {
            signature = RegularFile.ReadAllBytes(SignatureFile(program), ImageSignature.MaxBytes);
        }
        catch (FileNotFoundException)
        {
            return "signature: its file is gone";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"signature: {e.Message}";
        }

        var signedBy = ImageSignature.Verify(signature, program.Digest, options.TrustedKeys, out var why);
        return signedBy == program.SignedBy ? null : $"signature: {(signedBy is null ? why : $"is by {signedBy} now, and was by {program.SignedBy}")}";
    }

    private RegisteredProgram Row(ProgramKind kind, string text, ProgramManifest manifest, SoundSource sound, UnpackedImage unpacked) => new()
    {
        Key = manifest.Key,
        Version = manifest.Version.ToString(),
        Kind = kind,
        Manifest = text,
        Digest = sound.Image.Digest,
        Content = unpacked.Content,
        Environment = JsonSerializer.Serialize(sound.Image.Environment),
        SignedBy = sound.SignedBy,
        AddedAt = time.GetUtcNow(),
    };

    private string SignatureFile(RegisteredProgram row) => Path.Combine(state.Models, $"{row.Name}.sig");

    private void RefuseExcesses(string manifestFile, ProgramManifest manifest)
    {
        if (sandboxes.Limits.Excesses(manifest.Limits) is [_, ..] excesses)
            throw new InputException(string.Join('\n', excesses.Select(excess => $"{manifestFile}: limits.{excess}")));
    }

    /// <summary>The version as it is registered, where its image is not in the store as it was; null when it is not registered.</summary>
    /// <exception cref="InputException">It is registered, and its image is here or its manifest is another.</exception>
    private async Task<RegisteredProgram?> FindLostAsync(ProgramKind kind, string manifestFile, string text, ProgramManifest manifest, CancellationToken cancellationToken)
    {
        if (await FindRegisteredAsync(kind, manifestFile, manifest, cancellationToken) is not { } row)
            return null;
        return row.Kind == kind && row.Manifest == text && !ImageDigest.Matches(Root(row), row.Content) ? row : throw Registered(manifestFile, manifest);
    }

    private static void RefuseOtherImage(string manifestFile, RegisteredProgram? registered, ImageSource image)
    {
        if (registered is not null && registered.Digest != image.Digest)
            throw new InputException($"{manifestFile}: image: is another than {registered.Name} was registered with ({registered.Digest}), which is missing here: a version never changes");
    }

    private static InputException Registered(string manifestFile, ProgramManifest manifest) =>
        new($"{manifestFile}: {manifest.Key}@{manifest.Version} is registered already: a version never changes");

    private async Task<RegisteredProgram?> FindRegisteredAsync(ProgramKind kind, string manifestFile, ProgramManifest manifest, CancellationToken cancellationToken)
    {
        var version = manifest.Version.ToString();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Programs.AsNoTracking().SingleOrDefaultAsync(program => program.Key == manifest.Key && program.Version == version, cancellationToken) is { } row)
            return row;
        if (await db.Programs.AnyAsync(program => program.Key == manifest.Key && program.Kind != kind, cancellationToken))
            throw new InputException($"{manifestFile}: key: {manifest.Key} is registered as another kind of program: a key names one");
        return null;
    }

    /// <summary>What an image of this digest was unpacked to before; null when none is registered.</summary>
    private async Task<string?> ContentAsync(string digest, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Programs.Where(program => program.Digest == digest).Select(program => program.Content).FirstOrDefaultAsync(cancellationToken);
    }

    private static void Reading(string manifestFile, string member, Action read) => Reading(manifestFile, member, () =>
    {
        read();
        return true;
    });

    private static T Reading<T>(string manifestFile, string member, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{manifestFile}: {member}{e.Message}");
        }
    }

    /// <summary>Checks the whole image, and the signature over its digest; both lie in the manifest's folder.</summary>
    private SoundSource Check(string manifestFile, string text, ProgramManifest manifest)
    {
        using var beside = Reading(manifestFile, "", () => SourceFolder.Of(manifestFile, text));
        var image = Reading(manifestFile, "image: ", () => ImageSource.Open(beside, manifest.Image, options.ImageLimits));
        try
        {
            var signature = manifest.Signature is null ? null : Reading(manifestFile, "signature: ", () => ReadSignature(beside, manifest.Signature));
            return new SoundSource(image, signature, CheckSignature(manifestFile, signature, image.Digest));
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private static byte[] ReadSignature(SourceFolder beside, string path)
    {
        using var file = beside.Open(path);
        return file.ReadAll(ImageSignature.MaxBytes);
    }

    private string? CheckSignature(string manifestFile, byte[]? signature, string digest)
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

    private static AuditDetail Detail(RegisteredProgram row) =>
        new() { [row.Kind == ProgramKind.Model ? "model" : "analysis"] = row.Name, ["digest"] = row.Digest, ["signed_by"] = row.SignedBy };

    /// <summary>An image and a signature that were checked, and lie where the manifest does.</summary>
    private sealed record SoundSource(ImageSource Image, byte[]? Signature, string? SignedBy) : IDisposable
    {
        public void Dispose() => Image.Dispose();
    }
}
