using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>The header of a volume that a table or site.yaml names.</summary>
internal static class VolumeHeader
{
    /// <summary>The header, or null and what is wrong with the volume. Its voxels are not read.</summary>
    public static NiftiHeader? TryRead(string path, out string? wrong)
    {
        wrong = null;
        try
        {
            using var reader = NiftiReader.Open(path);
            return reader.Header;
        }
        catch (NiftiException exception)
        {
            wrong = $"is no sound volume: {exception.Message}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            wrong = "cannot be read";
        }

        return null;
    }
}
