using System.Collections.Concurrent;

namespace Lazaret.Node.Images;

/// <summary>
/// Tells before each run whether an image still is what was registered. What was found counts until the file system says that the folder
/// changed, so that a large image is not read for every run, nor a wrong one for every look at the queue.
/// </summary>
public sealed class PinnedImages
{
    private const int MostKnown = 4096;

    private readonly ConcurrentDictionary<(string Root, string Content), (string Fingerprint, bool Matches)> _known = new();

    /// <summary>One that is gone, or cannot be read, does not match.</summary>
    /// <param name="root">The image's folder.</param>
    /// <param name="content">Its <see cref="ImageDigest"/>, as it was registered.</param>
    public bool Match(string root, string content)
    {
        if (!Directory.Exists(root))
            return false;
        string fingerprint;
        try
        {
            // Taken before the digest: a change meanwhile makes the next one differ.
            fingerprint = ImageDigest.Fingerprint(root);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return false;
        }

        if (_known.TryGetValue((root, content), out var known) && known.Fingerprint == fingerprint)
            return known.Matches;
        // What could not be read may be readable the next time, and its fingerprint the same.
        if (ImageDigest.Compare(root, content) is not { } matches)
            return false;
        // Images come and go, and this is not told.
        if (_known.Count >= MostKnown)
            _known.Clear();
        _known[(root, content)] = (fingerprint, matches);
        return matches;
    }
}
