namespace Lazaret.Cohort.Nifti;

/// <summary>The two files of an .hdr/.img pair, found from the name of either, compressed or not.</summary>
internal sealed record NiftiPair(string Header, string Stem)
{
    private static readonly string[] HeaderEndings = [".hdr", ".hdr.gz"];
    private static readonly string[] ImageEndings = [".img", ".img.gz"];

    /// <summary>Null for a name that is not of a pair.</summary>
    public static NiftiPair? Of(string path)
    {
        if (Cut(path, HeaderEndings) is { } ofHeader)
            return new NiftiPair(path, ofHeader);
        return Cut(path, ImageEndings) is { } ofImage ? new NiftiPair(Find(ofImage, HeaderEndings), ofImage) : null;
    }

    public string FindImage() => Find(Stem, ImageEndings);

    private static string? Cut(string path, string[] endings) =>
        Array.Find(endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } found ? path[..^found.Length] : null;

    private static string Find(string stem, string[] endings) =>
        endings.Concat(endings.Select(ending => ending.ToUpperInvariant())).Select(ending => stem + ending).FirstOrDefault(File.Exists)
        ?? throw new NiftiException("pair", $"the {endings[0]} file is missing");
}
