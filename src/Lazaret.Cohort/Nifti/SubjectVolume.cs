namespace Lazaret.Cohort.Nifti;

/// <summary>A subject's volume, which must lie on the site's grid, in its order or with axes flipped or swapped. An error is returned as text without the subject's id.</summary>
internal static class SubjectVolume
{
    public const string Unreadable = "the volume cannot be read";

    public const string NothingFinite = "the volume has no finite voxel";
    public const string OffGrid = "the volume is not on the site's grid";

    public static (T? Value, string? Wrong) Read<T>(string path, Grid grid, NiftiLimits? limits, Func<NiftiReader, T> read)
    {
        try
        {
            using var reader = NiftiReader.Open(path, limits);
            if (reader.Header.Dims.Count > 3)
                return (default, $"a series of {reader.Header.Voxels / reader.Header.Grid.Voxels} volumes, expected one");
            if (reader.Header.Grid.IsSameAs(grid))
                return (read(reader), null);
            if (!Resampling.IsRearrangement(reader.Header.Grid, grid))
                return (default, $"{OffGrid}: it is {reader.Header.Grid}, the site {grid}");
            using var rearranged = new MemoryStream();
            NiftiWriter.Write(rearranged, Resampling.Onto(NiftiVolume.Read(path, limits), grid, Interpolation.Nearest).Volume, compress: false);
            rearranged.Position = 0;
            using var again = NiftiReader.Open(rearranged, limits);
            return (read(again), null);
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
