namespace Lazaret.Node.Cli.Attack.Sites;

/// <summary>A map whose values are +1 and −1, which no way to round changes; and copies of it that are changed by less than rounding takes away.</summary>
internal static class SignMap
{
    // Less than half a step where the range of −1 to 1 is divided into 511 steps on each side, so that rounding to ten bits hides it.
    private const float Most = 0.2f / 511;

    public static float[] Draw(Random random)
    {
        var map = new float[ScanLayout.Voxels];
        for (var voxel = 0; voxel < ScanLayout.Texture; voxel++)
            map[voxel] = random.Next(2) == 0 ? 1 : -1;
        return map;
    }

    /// <summary>The map made a little more like a scan, or less: those voxels shrink whose sign differs from the scan's, or agrees with it. All are multiplied by <paramref name="scale"/>.</summary>
    public static float[] Change(float[] map, float[] scan, bool toward, float scale)
    {
        var changed = map.ToArray();
        // The first voxel stays, so that the largest value is the same.
        for (var voxel = 1; voxel < ScanLayout.Texture; voxel++)
            changed[voxel] *= map[voxel] * scan[voxel] > 0 == toward ? 1 : 1 - Most;
        return Array.ConvertAll(changed, value => value * scale);
    }
}
