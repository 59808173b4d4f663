using System.Text;

namespace Lazaret.Node.Images;

/// <summary>The names that an image may hold. What a name cannot be is refused, never mended: two readers would mend it in two ways.</summary>
internal static class ImagePath
{
    private const int LongestName = 255;
    private const int LongestShown = 200;

    /// <summary>The steps from the root; none for the root itself.</summary>
    /// <exception cref="InvalidDataException">It is absolute, or climbs, or is no name of a file.</exception>
    public static string[] Steps(string path, ImageLimits limits)
    {
        if (path.StartsWith('/'))
            throw ImageFault.Holds("an absolute name", path);
        string[] steps = [.. path.Split('/').Where(step => step is not ("" or "."))];
        if (steps.Contains(".."))
            throw ImageFault.Holds("a name that leaves it", path);
        if (steps.Length > limits.Depth)
            throw ImageFault.Holds($"folders nested more than {limits.Depth} deep", path);
        foreach (var step in steps)
        {
            // U+FFFD stands where bytes were no UTF-8: two names could become one.
            if (step.Any(character => char.IsControl(character) || character == '\uFFFD') || Encoding.UTF8.GetByteCount(step) > LongestName)
                throw ImageFault.Holds("a name that is too long, no UTF-8, or has control characters", path);
        }

        return steps;
    }

    /// <exception cref="InvalidDataException">The link leads out of the image, or nowhere.</exception>
    public static void CheckLink(ReadOnlySpan<string> steps, string target)
    {
        if (target.Length is 0 or > 4095 || target.Any(char.IsControl) || target.Contains('\uFFFD', StringComparison.Ordinal))
            throw ImageFault.Holds("a link that is none", string.Join('/', steps));
        // The image is the program's root: an absolute link begins there.
        var depth = target.StartsWith('/') ? 0 : steps.Length - 1;
        foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            depth += step switch { "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
                throw ImageFault.Holds("a link that leaves it", string.Join('/', steps));
        }
    }

    /// <summary>For a message on a terminal.</summary>
    public static string Shown(string path)
    {
        var text = string.Concat(path.Take(LongestShown).Select(character => char.IsControl(character) ? '\uFFFD' : character));
        return path.Length > LongestShown ? text + "…" : text;
    }
}
