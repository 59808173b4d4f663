using Lazaret.Cohort;
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
        foreach (var (start, end) in new[] { (0, 0), (0, 1), (3, 10), (16, 31), (1, 200), (0, 200) })
        {
            var weights = Enumerable.Range(0, Product.MapTile).Select(_ => Values(200, random)).ToArray();
            var singly = new double[Product.MapTile * Product.RowTile];
            var tile = new double[Product.MapTile * Product.RowTile];
            using var scratch = new BatchScratch(Product.MapTile);
            fixed (float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3])
            fixed (double* one = singly, all = tile)
            {
                (pointers[0], pointers[1], pointers[2], pointers[3]) = (r0, r1, r2, r3);
                ColumnRun[] block = [new(start, end)];
                var width = 0;
                for (var row = 0; row < Product.RowTile; row++)
                    width = BatchScratch.Widen(product, pointers[row], block, scratch.Rows + row * BatchScratch.Stride);
                for (var map = 0; map < Product.MapTile; map++)
                {
                    fixed (float* weight = weights[map])
                    {
                        BatchScratch.Widen(product, weight, block, scratch.Maps + map * BatchScratch.Stride);
                        product.Add(pointers, weight, block[0], one + map * Product.RowTile);
                    }
                }

                product.AddTile(scratch.Rows, scratch.Maps, BatchScratch.Stride, width, all);
            }

            for (var i = 0; i < tile.Length; i++)
            {
                var (exact, magnitude) = Exact(rows[i % Product.RowTile], weights[i / Product.RowTile], start, end);
                Assert.Equal(exact, singly[i], 1e-15 * magnitude);
                Assert.Equal(exact, tile[i], 1e-15 * magnitude);
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
        Assert.Equal([new(0, 11), new(300, 302), new(500, 501), new(999, 1000)], ColumnRun.Of(weights));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(100)]
    public void Blocks_hold_every_column_of_the_runs_once_and_none_more_than_asked(int most)
    {
        ColumnRun[] runs = [new(0, 11), new(30, 31), new(40, 64), new(100, 105)];
        var blocks = ColumnRun.Blocks(runs, most);
        Assert.Equal(runs.SelectMany(Columns), blocks.SelectMany(block => block).SelectMany(Columns));
        Assert.All(blocks[..^1], block => Assert.Equal(most, block.Sum(run => run.Length)));
        Assert.InRange(blocks[^1].Sum(run => run.Length), 1, most);

        static IEnumerable<int> Columns(ColumnRun run) => Enumerable.Range(run.Start, run.Length);
    }

    /// <summary>Neumaier's sum of products that are exact; kernels of different widths are this close to each other, too.</summary>
    private static (double Sum, double Magnitude) Exact(float[] row, float[] map, int start, int end)
    {
        var (exact, lost, magnitude) = (0.0, 0.0, 0.0);
        for (var column = start; column < end; column++)
        {
            var term = (double)row[column] * map[column];
            var next = exact + term;
            lost += Math.Abs(exact) >= Math.Abs(term) ? exact - next + term : term - next + exact;
            (exact, magnitude) = (next, magnitude + Math.Abs(term));
        }

        return (exact + lost, magnitude);
    }

    private static float[] Values(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
