using Lazaret.Node.Storage;

namespace Lazaret.Node.Images;

/// <summary>The unpacked images below <c>State/models</c>: a folder each, named by the digest of what was given.</summary>
public sealed class ImageStore(StateFolder state, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>Where an image of this digest lies, if it is kept.</summary>
    public string Folder(string digest) => digest.AsSpan().ContainsAny('/', '\0', '.')
        ? throw new ArgumentException("A digest names a folder, and no path.", nameof(digest))
        : Path.Combine(state.Models, digest.Replace(':', '-'));

    /// <summary>The only one who writes to the store, until it is disposed of. The kernel drops the lock with the process.</summary>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        const int HeldByAnother = 11;
        while (true)
        {
            try
            {
                return OwnFile.Lock(Path.Combine(state.Models, "lock"));
            }
            catch (IOException e) when (e.HResult == HeldByAnother)
            {
                await Task.Delay(Patience, time, cancellationToken);
            }
        }
    }

    /// <summary>Unpacks an image, read only, and returns the digest of what it became. Whoever calls this has the turn.</summary>
    /// <param name="known">What an image of this digest became before; one that still is that is not unpacked again.</param>
    /// <param name="program">The program that must be in it.</param>
    /// <exception cref="InvalidDataException">It changed meanwhile, or holds no such program.</exception>
    internal string Keep(ImageSource image, string? known, string program)
    {
        // Nobody else has the turn, so that a copy which is not finished is nobody's.
        foreach (var unfinished in Directory.EnumerateDirectories(state.Models).Where(other => Path.GetFileName(other).Contains('.', StringComparison.Ordinal)))
            Directory.Delete(unfinished, recursive: true);
        var folder = Folder(image.Digest);
        if (known is not null && ImageDigest.Matches(folder, known))
            return ImageDigest.HoldsFile(folder, program) ? known : throw Without(program);
        var copy = $"{folder}.{Guid.NewGuid():N}";
        try
        {
            image.Unpack(copy);
            if (!ImageDigest.HoldsFile(copy, program))
                throw Without(program);
            var content = ImageDigest.Of(copy);
            if (known is not null && known != content)
                throw new InvalidDataException("the same image was unpacked to something else before");
            Remove(image.Digest);
            Directory.Move(copy, folder);
            return content;
        }
        finally
        {
            if (Directory.Exists(copy))
                Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>Deletes an image that no program has any more. Whoever calls this has the turn.</summary>
    public void Remove(string digest)
    {
        if (Directory.Exists(Folder(digest)))
            Directory.Delete(Folder(digest), recursive: true);
    }

    private static InvalidDataException Without(string program) => new($"it holds no file {program}, which the manifest's command names");
}
