using System.IO.Compression;
using System.Runtime.CompilerServices;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

/// <summary>Maps that are brought onto a grid while they are read.</summary>
public sealed class StreamedMapTests : IDisposable
{
    /// <summary>Half of what one such map takes in memory as a whole, at 1 mm.</summary>
    private const long Most = 12 << 20;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_map_is_the_same_whether_it_is_read_at_once_or_plane_by_plane()
    {
        var random = new Random(31);
        for (var round = 0; round < 60; round++)
        {
            // Turned by any angles, coarser or finer; every third time by whole steps alone.
            var turn = Turn(random, whole: round % 3 == 0);
            var grid = new Grid(random.Next(1, 14), random.Next(1, 14), random.Next(1, 14), SmallSite.Grid.Affine * turn);
            float[] values = [.. Enumerable.Range(0, (int)grid.Voxels).Select(_ => random.Next(15) == 0 ? float.NaN : random.NextSingle())];
            NiftiWriter.Write(_folder["map.nii.gz"], new NiftiVolume(grid, 1, values));
            var whole = NiftiVolume.Read(_folder["map.nii.gz"]);
            var expected = Resampling.Onto(whole, SmallSite.Grid, Interpolation.Trilinear);
            using var reader = NiftiReader.Open(_folder["map.nii.gz"]);
            var seen = new List<float>();
            var actual = Assert.Single(Resampling.Read(reader, SmallSite.Grid, Interpolation.Trilinear, (_, _, _, plane) => seen.AddRange(plane)));
            Assert.Equal(expected.Volume.Values, actual.Volume.Values);
            Assert.Equal((expected.Covered, expected.IsExact), (actual.Covered, actual.IsExact));
            Assert.Equal(values, seen);
        }
    }

    [Theory]
    [InlineData(182, 218, 182, 1, 2)]
    [InlineData(364, 436, 364, 0.5, 2)]
    [InlineData(364, 436, 364, 0.5, 4)]
    public void A_templates_map_at_full_resolution_is_taken_in_the_memory_of_a_few_planes(int x, int y, int z, double mm, double siteMm)
    {
        var factor = (int)(siteMm / mm);
        var file = _folder["map.nii.gz"];
        WriteMostlyZeros(file, x, y, z, mm);
        // Each of the site's voxels lies on one of the map's.
        var site = new Grid((x - 1) / factor + 1, (y - 1) / factor + 1, (z - 1) / factor + 1, new Affine(siteMm, 0, 0, -90, 0, siteMm, 0, -126, 0, 0, siteMm, -72));
        Place(file, site);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var placed = Place(file, site);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // What it gives, the order of its voxels and two planes; all that was ever allocated is more than what is held at once.
        Assert.True(allocated < site.Voxels * 2 * sizeof(float) + Most, $"{allocated >> 20} MiB for {(long)x * y * z * sizeof(float) >> 20} MiB of values");
        Assert.Equal(MapFit.Trilinear, placed.Fit);
        var set = Enumerable.Range(0, placed.Map.Values.Length).Where(voxel => placed.Map.Values[voxel] != 0).ToList();
        Assert.Equal(Planes(z).Where(plane => plane % factor == 0).Select(plane => plane / factor * site.X * site.Y), set);
        Assert.All(set, voxel => Assert.Equal(7, placed.Map.Values[voxel]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_series_is_placed_map_by_map_in_the_memory_of_one(bool isOnGrid)
    {
        const int Maps = 40;
        var site = new Grid(40, 40, 40, new Affine(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0));
        var grid = isOnGrid ? site : site with { Affine = new Affine(2.2, 0, 0, 0, 0, 2.2, 0, 0, 0, 0, 2.2, 0) };
        var values = new float[Maps * site.Voxels];
        for (var map = 0; map < Maps; map++)
            values[map * site.Voxels] = 1 + map;
        NiftiWriter.Write(_folder["maps.nii.gz"], new NiftiVolume(grid, Maps, values));
        using (var reader = NiftiReader.Open(_folder["maps.nii.gz"]))
        {
            var seen = new List<(int Map, int Plane)>();
            var (maps, number) = (new List<WeakReference>(), 0);
            foreach (var placement in MapPlacement.ReadEach(reader, site, (_, map, plane, _) => seen.Add((map, plane))))
            {
                maps.Add(Look(placement, ++number));
                Assert.Equal((number - 1, 39), seen[^1]);
                if (number != 20)
                    continue;
                // Nobody holds those that were read before.
                GC.Collect();
                Assert.DoesNotContain(maps.Take(17), map => map.IsAlive);
            }

            Assert.Equal(Maps, number);
        }

        // As a whole it is the same.
        using var again = NiftiReader.Open(_folder["maps.nii.gz"]);
        Assert.Equal(Enumerable.Range(1, Maps).Select(value => (float)value), Assert.IsType<MapPlacement.Placed>(MapPlacement.Read(again, site)).Map.Values.Where((_, voxel) => voxel % site.Voxels == 0));
    }

    [Fact]
    public void A_series_is_refused_at_the_map_that_has_nothing_on_the_grid_and_torn_at_its_last()
    {
        var values = Enumerable.Repeat(1f, 3 * (int)SmallSite.Grid.Voxels).ToArray();
        values.AsSpan((int)SmallSite.Grid.Voxels, (int)SmallSite.Grid.Voxels).Fill(float.NaN);
        NiftiWriter.Write(_folder["maps.nii"], new NiftiVolume(SmallSite.Grid, 3, values));
        using (var reader = NiftiReader.Open(_folder["maps.nii"]))
        {
            var placements = MapPlacement.ReadEach(reader, SmallSite.Grid).ToList();
            Assert.Equal(2, placements.Count);
            Assert.Equal("map 2 of 3 has no finite voxel on the site's grid", Assert.IsType<MapPlacement.Refused>(placements[1]).Reason);
        }

        NiftiWriter.Write(_folder["maps.nii.gz"], new NiftiVolume(SmallSite.Grid, 3, Array.ConvertAll(values, _ => 1f)));
        var bytes = File.ReadAllBytes(_folder["maps.nii.gz"]);
        bytes[^6] ^= 1;
        using var torn = NiftiReader.Open(new MemoryStream(bytes));
        var read = 0;
        Assert.Throws<NiftiException>(() =>
        {
            foreach (var _ in MapPlacement.ReadEach(torn, SmallSite.Grid))
                read++;
        });
        Assert.Equal(2, read);
    }

    [Fact]
    public void A_map_of_more_planes_than_any_brain_has_is_the_same_read_at_once()
    {
        var grid = new Grid(1, 1, (1 << 16) + 9, SmallSite.Grid.Affine * new Affine(1, 0, 0, 3, 0, 1, 0, 3, 0, 0, 0.5, 0));
        NiftiWriter.Write(_folder["map.nii.gz"], new NiftiVolume(grid, 1, [.. Enumerable.Range(0, (int)grid.Voxels).Select(k => (float)k)]));
        var placed = Place(_folder["map.nii.gz"], SmallSite.Grid);
        Assert.Equal(Enumerable.Range(0, SmallSite.Grid.Z).Select(k => 2f * k), placed.Map.Values.Where((_, voxel) => voxel % (SmallSite.Grid.X * SmallSite.Grid.Y) == 3 * SmallSite.Grid.X + 3));
    }

    public void Dispose() => _folder.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Look(MapPlacement placement, int first)
    {
        var map = Assert.IsType<MapPlacement.Placed>(placement).Map;
        Assert.Equal(first, map.Values[0]);
        return new WeakReference(map.Values);
    }

    private static MapPlacement.Placed Place(string file, Grid site)
    {
        using var reader = NiftiReader.Open(file);
        return Assert.IsType<MapPlacement.Placed>(MapPlacement.Read(reader, site));
    }

    private static IEnumerable<int> Planes(int z) => [0, 8, z / 16 * 8];

    /// <summary>As bytes, of which the first of a few planes are 7.</summary>
    private static void WriteMostlyZeros(string file, int x, int y, int z, double mm)
    {
        var header = new NiftiFile(type: NiftiType.UInt8, dims: [x, y, z], data: []);
        for (var axis = 0; axis < 3; axis++)
        {
            for (var column = 0; column < 4; column++)
                header.Set($"srow[{axis * 4 + column}]", column == 3 ? (double[])[-90, -126, -72] is var origin ? origin[axis] : 0 : column == axis ? mm : 0);
        }

        using var packed = new GZipStream(File.Create(file), CompressionLevel.Fastest);
        packed.Write(header.Bytes);
        var plane = new byte[x * y];
        for (var k = 0; k < z; k++)
        {
            plane[0] = (byte)(Planes(z).Contains(k) ? 7 : 0);
            packed.Write(plane);
        }
    }

    private static Affine Turn(Random random, bool whole)
    {
        if (whole)
            return new Affine(0, -1, 0, random.Next(12), 1, 0, 0, random.Next(-3, 3), 0, 0, -1, random.Next(8));
        var (a, size) = (random.NextDouble() * 3, 0.4 + random.NextDouble());
        var (cos, sin) = (Math.Cos(a) * size, Math.Sin(a) * size);
        return random.Next(2) == 0
            ? new Affine(cos, -sin, 0, random.Next(10), sin, cos, 0, random.Next(5), 0, 0, size, random.Next(5))
            : new Affine(size, 0, 0, random.Next(10), 0, cos, -sin, random.Next(5), 0, sin, cos, random.Next(5));
    }
}
