using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Kernels;

public sealed unsafe class ProductTests
{
    public static TheoryData<KernelWidth> Widths => [.. Enum.GetValues<KernelWidth>()];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_width_agrees_with_exact_sums_within_the_last_bit(KernelWidth width)
    {
        if (Product.Of(width) is not { } product)
        {
            Assert.Skip("This processor has no such registers.");
            return;
        }

        var random = new Random(3);
        var rows = Enumerable.Range(0, Product.RowTile).Select(_ => Values(200, random)).ToArray();
        var pointers = stackalloc float*[Product.RowTile];
        for (var maps = 1; maps <= 7; maps++)
        {
            foreach (var (start, end) in new[] { (0, 0), (0, 1), (3, 10), (16, 31), (1, 200), (0, 200) })
            {
                var map = new NiftiVolume(new Grid(200, 1, 1, Affine.Identity), maps, Values(200 * maps, random));
                using var weights = new ColumnWeights(new MaskedMaps(map, mask: null), [.. Enumerable.Range(0, 200)]);
                var sums = new double[maps * Product.RowTile];
                fixed (float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3])
                fixed (double* sum = sums)
                {
                    pointers[0] = r0;
                    pointers[1] = r1;
                    pointers[2] = r2;
                    pointers[3] = r3;
                    product.Add(pointers, weights, new ColumnRange(start, end), sum);
                }

                for (var i = 0; i < sums.Length; i++)
                {
                    var row = rows[i % Product.RowTile];
                    var m = map.Map(i / Product.RowTile).Span;
                    // Neumaier's sum of products that are exact; kernels of different widths are this close to each other, too.
                    var (exact, lost, magnitude) = (0.0, 0.0, 0.0);
                    for (var column = start; column < end; column++)
                    {
                        var term = (double)row[column] * m[column];
                        var next = exact + term;
                        lost += Math.Abs(exact) >= Math.Abs(term) ? exact - next + term : term - next + exact;
                        (exact, magnitude) = (next, magnitude + Math.Abs(term));
                    }

                    Assert.Equal(exact + lost, sums[i], 1e-15 * magnitude);
                }
            }
        }
    }

    [Fact]
    public void Runs_hold_every_weight_and_no_long_gap()
    {
        var map = new float[1000];
        foreach (var column in new[] { 0, 10, 300, 301, 500, 999 })
            map[column] = 1;
        using var weights = new ColumnWeights(new MaskedMaps(new NiftiVolume(new Grid(1000, 1, 1, Affine.Identity), 1, map), mask: null), [.. Enumerable.Range(0, 1000)]);
        Assert.Equal([new(0, 11), new(300, 302), new(500, 501), new(999, 1000)], ColumnRange.Of(weights, longest: int.MaxValue));
        Assert.Equal([new(0, 1), new(10, 11), new(300, 301), new(301, 302), new(500, 501), new(999, 1000)], ColumnRange.Of(weights, longest: 1));
    }

    private static float[] Values(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
