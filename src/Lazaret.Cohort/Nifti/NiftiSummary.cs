namespace Lazaret.Cohort.Nifti;

/// <summary>What <c>lazaret nifti info</c> shows: the header's essence, and the finite scaled values in double precision.</summary>
/// <param name="Mean">Null, like <paramref name="Min"/> and <paramref name="Max"/>, when no voxel is finite.</param>
public sealed record NiftiSummary(NiftiHeader Header, long FiniteVoxels, double Sum, double? Mean, double? Min, double? Max)
{
    /// <summary>Reads the whole volume once, in constant memory.</summary>
    /// <inheritdoc cref="NiftiReader.Open(string, NiftiLimits?)"/>
    public static NiftiSummary Read(string path, NiftiLimits? limits = null)
    {
        using var reader = NiftiReader.Open(path, limits);
        var chunk = new double[8192];
        var (count, min, max) = (0L, double.PositiveInfinity, double.NegativeInfinity);
        // Neumaier's sum: the order of voxels does not show in the result.
        var (sum, lost) = (0.0, 0.0);
        int read;
        while ((read = reader.Read(chunk)) > 0)
        {
            foreach (var value in chunk.AsSpan(0, read))
            {
                if (!double.IsFinite(value))
                    continue;
                count++;
                min = Math.Min(min, value);
                max = Math.Max(max, value);
                var next = sum + value;
                lost += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
                sum = next;
            }
        }

        // A sum that overflowed has lost the meaning of its correction.
        sum = double.IsFinite(lost) ? sum + lost : sum;
        return count == 0
            ? new NiftiSummary(reader.Header, 0, 0, null, null, null)
            : new NiftiSummary(reader.Header, count, sum, sum / count, min, max);
    }
}
