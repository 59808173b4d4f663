namespace Lazaret.Cohort.Nifti;

/// <summary>The file behind a path: what links lead to, since size and time of a link are the link's own.</summary>
public static class FinalFile
{
    /// <exception cref="IOException">Links lead in a circle, or too far.</exception>
    public static FileInfo Of(string path)
    {
        // Each job looks at every volume of a site, and the framework asks the system six times about a file that is no link. Where there is no file, all attributes are set.
        var file = new FileInfo(path);
        return file.Attributes.HasFlag(FileAttributes.ReparsePoint) ? File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? file : file;
    }
}
