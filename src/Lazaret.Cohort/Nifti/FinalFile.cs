namespace Lazaret.Cohort.Nifti;

/// <summary>The file behind a path: what links lead to, since size and time of a link are the link's own.</summary>
public static class FinalFile
{
    /// <exception cref="IOException">Links lead in a circle, or too far.</exception>
    public static FileInfo Of(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
}
