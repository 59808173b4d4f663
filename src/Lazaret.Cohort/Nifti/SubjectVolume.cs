namespace Lazaret.Cohort.Nifti;

/// <summary>A subject's volume, which must lie on the site's grid. An error is returned as text without the subject's id.</summary>
internal static class SubjectVolume
{
    public const string Unreadable = "the volume cannot be read";

    public static (T? Value, string? Wrong) Read<T>(string path, Grid grid, NiftiLimits? limits, Func<NiftiReader, T> read)
    {
        try
        {
            using var reader = NiftiReader.Open(path, limits);
            return reader.Header.Dims.Count <= 3 && reader.Header.Grid.IsSameAs(grid)
                ? (read(reader), null)
                : (default, $"the volume is not on the site's grid: it is {reader.Header.Grid}, the site {grid}");
        }
        catch (NiftiException exception)
        {
            return (default, $"no sound volume: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (default, Unreadable);
        }
    }
}
