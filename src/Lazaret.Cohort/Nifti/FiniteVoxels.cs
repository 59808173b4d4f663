using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lazaret.Cohort.Nifti;

internal static class FiniteVoxels
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int CountFinite(this ReadOnlySpan<float> voxels)
    {
        var count = 0;
        var blocks = MemoryMarshal.Cast<float, Vector256<float>>(voxels);
        foreach (var block in blocks)
            count += BitOperations.PopCount(Vector256.LessThan(Vector256.Abs(block), Vector256.Create(float.PositiveInfinity)).ExtractMostSignificantBits());
        foreach (var voxel in voxels[(blocks.Length * Vector256<float>.Count)..])
            count += float.IsFinite(voxel) ? 1 : 0;
        return count;
    }
}
