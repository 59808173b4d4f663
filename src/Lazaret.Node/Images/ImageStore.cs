using Lazaret.Node.Linux;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Images;

/// <summary>The unpacked images below <c>State/models</c>: a folder each, named by the digest of what was given.</summary>
public sealed class ImageStore(StateFolder state)
{
    private const string Unpacking = "unpacking-";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>Where an image of this digest lies, if it is kept.</summary>
    public string Folder(string digest) => digest.AsSpan().ContainsAny('/', '\0', '.')
        ? throw new ArgumentException("A digest names a folder, and no path.", nameof(digest))
        : Path.Combine(state.Models, digest.Replace(':', '-'));

    /// <summary>Takes the lock (flock) under which one process at a time writes to the store. The kernel releases it when the process ends.</summary>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken) =>
        await OwnFile.LockAsync(Path.Combine(state.Models, "lock"), Patience, cancellationToken);

    /// <summary>
    /// Unpacks an image, read only, to a folder of its own. Nobody has to wait for that: it reads what strangers wrote, for as long as that
    /// takes.
    /// </summary>
    /// <param name="known">What an image of this digest became before; one that still is that is not unpacked again.</param>
    /// <param name="program">The program that must be in it.</param>
    /// <exception cref="InvalidDataException">It changed meanwhile, or its program cannot be started.</exception>
    internal UnpackedImage Unpack(ImageSource image, string? known, string program)
    {
        LockedFolder.Sweep(state.Models, Unpacking);
        var kept = Folder(image.Digest);
        if (known is not null && ImageDigest.Matches(kept, known))
        {
            Require(kept, program);
            return new UnpackedImage(image.Digest, known, Folder: null);
        }

        var folder = LockedFolder.Make(state.Models, Unpacking);
        try
        {
            var copy = Path.Combine(folder.Path, UnpackedImage.Copy);
            var content = image.Unpack(copy);
            Require(copy, program);
            return new UnpackedImage(image.Digest, content, folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Moves what was unpacked to its folder in the store. The caller holds the store's lock.</summary>
    /// <param name="known">What an image of this digest became before.</param>
    /// <exception cref="InvalidDataException">It became something else, or is needed here and was removed meanwhile.</exception>
    internal void Keep(UnpackedImage image, string? known)
    {
        if (known is not null && known != image.Content)
            throw new InvalidDataException("the same image was unpacked to something else before");
        if (image.Folder is null)
        {
            if (known is null || !Directory.Exists(Folder(image.Digest)))
                throw new InvalidDataException("the same image was removed meanwhile: add it again");
            return;
        }

        // One that is in use stays where it is.
        if (known is not null && ImageDigest.Matches(Folder(image.Digest), known))
            return;
        Remove(image.Digest);
        Directory.Move(Path.Combine(image.Folder.Path, UnpackedImage.Copy), Folder(image.Digest));
    }

    /// <summary>Deletes an image that no program has any more. The caller holds the store's lock.</summary>
    public void Remove(string digest) => FolderDeletion.Delete(Folder(digest));

    private static void Require(string root, string program)
    {
        if (ImageProgram.Fault(root, program) is { } fault)
            throw new InvalidDataException(fault);
    }
}

/// <summary>An image that is checked and unpacked, and not moved into the store yet.</summary>
/// <param name="Digest">Of what was given.</param>
/// <param name="Content">Of what it became.</param>
/// <param name="Folder">Where it lies; null when the store has it already.</param>
internal sealed record UnpackedImage(string Digest, string Content, LockedFolder? Folder) : IDisposable
{
    /// <summary>The name of the image's folder in <see cref="Folder"/>.</summary>
    public const string Copy = "image";

    public void Dispose() => Folder?.Dispose();
}
