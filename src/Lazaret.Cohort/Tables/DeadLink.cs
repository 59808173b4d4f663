using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>A link whose target does not exist. git-annex and DataLad keep one for each file whose content is elsewhere.</summary>
public static class DeadLink
{
    /// <summary>What is wrong with a link whose target does not exist; null for any other file, and when there is no file.</summary>
    public static string? WhyOf(string path)
    {
        if (new FileInfo(path).LinkTarget is not { } target || FinalFile.Of(path).Exists)
            return null;
        return target.Contains("annex/objects/", StringComparison.Ordinal) ? "is a link of git-annex, whose content is not here: fetch it with 'git annex get'" : "is a link that leads nowhere";
    }
}
