namespace Lazaret.Node.Cli.Attack.Sites;

/// <summary>A map of +1 and −1, values that every way to round keeps, and the same a little changed.</summary>
internal static class SignMap
{
    // Less than half of what ten bits tell apart, however they are counted.
    private const float Most = 0.2f / 511;

    public static float[] Draw(Random random)
    {
        var map = new float[ScanLayout.Voxels];
        for (var voxel = 0; voxel < ScanLayout.Texture; voxel++)
            map[voxel] = random.Next(2) == 0 ? 1 : -1;
        return map;
    }

    /// <summary>The map with those voxels drawn toward zero that this moves in the direction of a scan, or against it; all multiplied by <paramref name="scale"/>.</summary>
    public static float[] Change(float[] map, float[] scan, bool toward, float scale)
    {
        var changed = map.ToArray();
        // The first voxel stays, so that the largest value is the same.
        for (var voxel = 1; voxel < ScanLayout.Texture; voxel++)
            changed[voxel] *= map[voxel] * scan[voxel] > 0 == toward ? 1 : 1 - Most;
        return Array.ConvertAll(changed, value => value * scale);
    }
}
