namespace Lazaret.Cohort.Nifti;

/// <summary>One or more maps on one grid, in single precision, as scores need them.</summary>
/// <param name="Grid">Where the voxels of each map lie.</param>
/// <param name="Maps">The fourth dimension: 1 for a plain volume.</param>
/// <param name="Values">Scaled values; the first dimension varies fastest, the maps lie one behind the other.</param>
public sealed record NiftiVolume(Grid Grid, int Maps, float[] Values)
{
    /// <summary>The voxels of one map.</summary>
    public ReadOnlyMemory<float> Map(int index) => Values.AsMemory(index * (int)Grid.Voxels, (int)Grid.Voxels);

    /// <summary>Volumes on one grid as a series.</summary>
    public static NiftiVolume Series(IReadOnlyList<NiftiVolume> volumes) =>
        volumes is [var only] ? only : new NiftiVolume(volumes[0].Grid, volumes.Sum(volume => volume.Maps), [.. volumes.SelectMany(volume => volume.Values)]);

    /// <inheritdoc cref="NiftiReader.Open(string, NiftiLimits?)"/>
    public static NiftiVolume Read(string path, NiftiLimits? limits = null)
    {
        using var reader = NiftiReader.Open(path, limits);
        return Read(reader);
    }

    /// <inheritdoc cref="NiftiReader.Open(Stream, NiftiLimits?)"/>
    public static NiftiVolume Read(Stream stream, NiftiLimits? limits = null)
    {
        using var reader = NiftiReader.Open(stream, limits);
        return Read(reader);
    }

    /// <summary>All that a reader has to give.</summary>
    internal static NiftiVolume Read(NiftiReader reader)
    {
        var header = reader.Header;
        var maps = reader.CountMaps();
        if (header.Voxels > Array.MaxLength)
            throw new NiftiException("dim", $"{header.Voxels} voxels, more than one array holds");
        // Grown with what the file delivers: a header that claims much and holds little costs little.
        var values = new float[Math.Min(header.Voxels, 1 << 20)];
        for (var done = 0; ;)
        {
            var read = reader.Read(values.AsSpan(done));
            done += read;
            if (done < values.Length)
                throw new NiftiException("data", "the file ends before the last voxel");
            if (done == header.Voxels)
                break;
            Array.Resize(ref values, (int)Math.Min(header.Voxels, values.Length * 2L));
        }

        reader.End();
        return new NiftiVolume(header.Grid, maps, values);
    }
}
