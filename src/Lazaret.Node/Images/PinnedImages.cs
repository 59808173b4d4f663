using System.Collections.Concurrent;

namespace Lazaret.Node.Images;

/// <summary>
/// Tells before each run whether an image still is what was registered. A digest that was computed counts until the file system says that
/// the folder changed, so that a large image is not read for every run.
/// </summary>
public sealed class PinnedImages
{
    private readonly ConcurrentDictionary<string, string> _fingerprints = new(StringComparer.Ordinal);

    /// <param name="root">The image's folder.</param>
    /// <param name="content">Its <see cref="ImageDigest"/>, as it was registered.</param>
    public bool Match(string root, string content)
    {
        if (!Directory.Exists(root))
            return false;
        // Taken before the digest: a change meanwhile makes the next one differ.
        var fingerprint = ImageDigest.Fingerprint(root);
        if (_fingerprints.TryGetValue(root, out var known) && known == fingerprint)
            return true;
        if (!ImageDigest.Matches(root, content))
            return false;
        _fingerprints[root] = fingerprint;
        return true;
    }
}
