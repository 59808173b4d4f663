using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Tests.Cohort.Nulls;

public sealed class SurrogatesTests
{
    private static readonly Grid Grid = new(12, 12, 12, Affine.Identity);
    private static readonly int[] Voxels = [.. Enumerable.Range(0, 1728).Where(voxel => voxel % 12 < 11)];
    private static readonly byte[] Seed = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_surrogate_has_the_map_s_values_and_its_smoothness_and_is_otherwise_unlike_it(int radius)
    {
        var map = Field(seed: 5, radius);
        var surrogates = Surrogates.Of(Grid, map, Voxels, Seed)!;
        var (box, likeness) = (new VoxelBox(Grid, Voxels), new List<double>());
        var variogram = new Variogram(box, 3, new QuickNumbers(Seed, 99));
        var sum = new double[3];
        for (var number = 0; number < 40; number++)
        {
            var surrogate = surrogates.Map(number);
            Assert.Equal(Voxels.Select(voxel => map[voxel]).Order(), Voxels.Select(voxel => surrogate[voxel]).Order());
            Assert.All(Enumerable.Range(0, 1728).Except(Voxels), voxel => Assert.Equal(map[voxel], surrogate[voxel]));
            likeness.Add(((Correlation.Defined)Pearson.Correlate(At(map), At(surrogate))).R);
            sum = [.. sum.Zip(variogram.Of(At(surrogate)), (all, one) => all + one / 40)];
        }

        // One map of so small a grid is itself only about as smooth as its kind.
        Assert.All(variogram.Of(At(map)).Zip(sum), pair => Assert.InRange(pair.Second / pair.First, 0.67, 1.5));
        Assert.InRange(Math.Abs(likeness.Average()), 0, 0.12);
        Assert.Equal(surrogates.Map(7), Surrogates.Of(Grid, map, Voxels, Seed)!.Map(7));
        Assert.NotEqual(surrogates.Map(7), surrogates.Map(8));
        Assert.NotEqual(surrogates.Map(7), Surrogates.Of(Grid, map, Voxels, new byte[32])!.Map(7));

        static double[] At(float[] volume) => Array.ConvertAll(Voxels, voxel => (double)volume[voxel]);
    }

    [Fact]
    public void What_is_too_small_or_too_plain_has_none()
    {
        Assert.Null(Surrogates.Of(Grid, Field(1, 1), Voxels[..29], Seed));
        Assert.Null(Surrogates.Of(Grid, new float[1728], Voxels, Seed));
        Assert.NotNull(Surrogates.Of(Grid, Field(1, 1), Voxels[..30], Seed));
    }

    [Fact]
    public void Of_smooth_maps_that_have_nothing_to_do_with_smooth_volumes_five_in_a_hundred_are_false_positives()
    {
        const int Subjects = 25, Maps = 200, Draws = 39;
        float[][] volumes = [.. Enumerable.Range(0, Subjects).Select(subject => Field(1000 + subject, radius: 2))];
        var random = new Random(9);
        var positives = 0;
        for (var round = 0; round < Maps; round++)
        {
            double[] outcome = [.. Enumerable.Range(0, Subjects).Select(_ => random.NextDouble())];
            var map = Field(5000 + round, radius: 2);
            var surrogates = Surrogates.Of(Grid, map, Voxels, [.. Seed.Take(31), (byte)round])!;
            var r = Math.Abs(Correlate(map));
            positives += 1 + Enumerable.Range(0, Draws).Count(number => Math.Abs(Correlate(surrogates.Map(number))) >= r) <= 0.05 * (1 + Draws) ? 1 : 0;

            double Correlate(float[] of) =>
                ((Correlation.Defined)Pearson.Correlate(Array.ConvertAll(volumes, volume => Voxels.Sum(voxel => (double)volume[voxel] * of[voxel])), outcome)).R;
        }

        // Ten of 200, give or take twice three.
        Assert.InRange(positives, 3, 17);
    }

    /// <summary>A field of noise, smoothed.</summary>
    private static float[] Field(int seed, int radius)
    {
        var random = new Random(seed);
        int[] all = [.. Enumerable.Range(0, 1728)];
        var box = new VoxelBox(Grid, all);
        double[] values = Array.ConvertAll(all, _ => Lazaret.Tests.Disclosure.Gaussian.Next(random));
        return [.. box.Smooth(values, radius).Zip(box.Smooth(Array.ConvertAll(all, _ => 1.0), radius), (sum, weight) => (float)(sum / weight))];
    }
}
