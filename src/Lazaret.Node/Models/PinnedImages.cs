using System.Collections.Concurrent;

namespace Lazaret.Node.Models;

/// <summary>
/// Tells before each run whether an image still is what was registered. A digest that was computed counts until the file system says that
/// the folder changed, so that a large image is not read for every run.
/// </summary>
public sealed class PinnedImages
{
    private readonly ConcurrentDictionary<string, string> _fingerprints = new(StringComparer.Ordinal);

    public bool Hold(Model model)
    {
        if (!Directory.Exists(model.Root))
            return false;
        // Taken before the digest: a change meanwhile makes the next one differ.
        var fingerprint = ImageDigest.Fingerprint(model.Root);
        if (_fingerprints.TryGetValue(model.Row.Digest, out var known) && known == fingerprint)
            return true;
        if (!ImageDigest.Matches(model.Root, model.Row.Digest))
            return false;
        _fingerprints[model.Row.Digest] = fingerprint;
        return true;
    }
}
