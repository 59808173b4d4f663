using System.Numerics;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

public sealed class NiftiReaderTests
{
    [Fact]
    public void Every_datatype_in_both_versions_and_byte_orders_reads_scaled()
    {
        foreach (var version in new[] { 1, 2 })
        {
            foreach (var big in new[] { false, true })
            {
                Check<byte>(version, big, NiftiType.UInt8, 0, 1, 200, 255);
                Check<sbyte>(version, big, NiftiType.Int8, -128, -1, 0, 127);
                Check<short>(version, big, NiftiType.Int16, short.MinValue, -2, 258, short.MaxValue);
                Check<ushort>(version, big, NiftiType.UInt16, 0, 1, 258, ushort.MaxValue);
                Check<int>(version, big, NiftiType.Int32, int.MinValue, -2, 66051, int.MaxValue);
                Check<uint>(version, big, NiftiType.UInt32, 0, 1, 66051, uint.MaxValue);
                Check<long>(version, big, NiftiType.Int64, long.MinValue, -2, 1L << 40, long.MaxValue);
                Check<ulong>(version, big, NiftiType.UInt64, 0, 1, 1UL << 40, ulong.MaxValue);
                Check<float>(version, big, NiftiType.Float32, float.NaN, -1.5f, float.Epsilon, float.PositiveInfinity);
                Check<double>(version, big, NiftiType.Float64, double.NaN, -1.5, double.Epsilon, 3e38);
                Assert.Equal("data", Assert.Throws<NiftiException>(() => Check<double>(version, big, NiftiType.Float64, 1e39)).Field);
            }
        }
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(double.NaN, 5)]
    [InlineData(double.PositiveInfinity, double.NaN)]
    public void A_slope_of_zero_or_not_finite_means_no_scaling(double slope, double intercept)
    {
        var file = new NiftiFile(type: NiftiType.UInt8, data: [.. Enumerable.Range(1, 12).Select(i => (byte)i)]).Set("scl_slope", slope).Set("scl_inter", intercept);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (float)i), Read(file.Whole).Values);
    }

    [Fact]
    public void The_sform_goes_before_the_qform()
    {
        var file = new NiftiFile().Set("qform_code", 1).Set("pixdim[1]", 1).Set("pixdim[2]", 1).Set("pixdim[3]", 1);
        Assert.Equal(new Affine(-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72), Read(file.Whole).Grid.Affine);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_qform_turns_scales_and_mirrors(int version)
    {
        // A quarter turn around z: x goes to y. nifti1.h, quaternion (a, 0, 0, d) with a = d = √½; qfac −1 mirrors the third axis.
        var file = new NiftiFile(version).Set("sform_code", 0).Set("qform_code", 1).Set("quatern[2]", Math.Sqrt(0.5))
            .Set("pixdim[0]", -1).Set("pixdim[1]", 2).Set("pixdim[2]", 3).Set("pixdim[3]", 4)
            .Set("qoffset[0]", 10).Set("qoffset[1]", 20).Set("qoffset[2]", 30);
        var (x, y, z) = Read(file.Whole).Grid.Affine.Apply(1, 1, 1);
        Assert.Equal(10 - 3, x, 1e-6);
        Assert.Equal(20 + 2, y, 1e-6);
        Assert.Equal(30 - 4, z, 1e-6);
    }

    [Theory]
    [InlineData(1, new long[] { 3, 2, 2 }, new[] { 3, 2, 2 })]
    [InlineData(1, new long[] { 12 }, new[] { 12 })]
    [InlineData(2, new long[] { 3, 4 }, new[] { 3, 4 })]
    [InlineData(1, new long[] { 3, 2, 1, 2 }, new[] { 3, 2, 1, 2 })]
    [InlineData(1, new long[] { 3, 2, 2, 1 }, new[] { 3, 2, 2 })]
    [InlineData(2, new long[] { 3, 2, 2, 1, 1, 1, 1 }, new[] { 3, 2, 2 })]
    [InlineData(2, new long[] { 40_000, 1, 1 }, new[] { 40_000, 1, 1 })]
    public void One_to_seven_dimensions_read_and_trailing_ones_are_squeezed(int version, long[] dims, int[] expected)
    {
        using var reader = NiftiReader.Open(new MemoryStream(new NiftiFile(version, dims: dims).Whole));
        Assert.Equal(expected, reader.Header.Dims);
    }

    [Fact]
    public void Five_dimensions_can_be_summed_up_but_are_no_map()
    {
        using var folder = new TemporaryFolder();
        var file = new NiftiFile(dims: [2, 1, 1, 1, 2], type: NiftiType.UInt8, data: [1, 2, 3, 4]);
        File.WriteAllBytes(folder["vector.nii"], file.Whole);
        Assert.Equal(10, NiftiSummary.Read(folder["vector.nii"]).Sum);
        Assert.Equal("dim[0]", Assert.Throws<NiftiException>(() => Read(file.Whole)).Field);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Extensions_are_read_past(int version, bool big)
    {
        var file = new NiftiFile(version, big, NiftiType.UInt8, data: [.. Enumerable.Range(1, 12).Select(i => (byte)i)]).Set("extension", 1)
            .Append([.. NiftiFile.Int32Bytes(32, big), .. new byte[28], .. NiftiFile.Int32Bytes(16, big), .. new byte[12]]);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (float)i), Read(file.Whole).Values);
    }

    [Theory]
    [InlineData(NiftiType.Float32)]
    [InlineData(NiftiType.Float64)]
    public void Reading_in_pieces_or_nothing_at_all_gives_the_same(NiftiType type)
    {
        var file = new NiftiFile(type: type, dims: [3, 3, 3], data: [.. Enumerable.Range(0, 27).SelectMany(i => type == NiftiType.Float32 ? BitConverter.GetBytes((float)i) : BitConverter.GetBytes((double)i))]);
        using var reader = NiftiReader.Open(new MemoryStream(NiftiFile.Gzip(file.Whole)));
        var values = new float[30];
        for (var (done, size) = (0, 0); done < 27; size++)
            done += reader.Read(values.AsSpan(done, size));
        Assert.Equal(Enumerable.Range(0, 27).Select(i => (float)i), values[..27]);
        Assert.Equal(0, reader.Read(values));
    }

    [Fact]
    public void A_missing_vox_offset_means_right_behind_the_header()
    {
        var file = new NiftiFile(type: NiftiType.UInt8, data: [.. Enumerable.Range(1, 12).Select(i => (byte)i)]).Set("vox_offset", 0);
        Assert.Equal(1, Read(file.Whole).Values[0]);
    }

    [Theory]
    [InlineData("a.hdr", "a.hdr", "a.img", false, false)]
    [InlineData("a.img", "a.hdr", "a.img", false, false)]
    [InlineData("a.img.gz", "a.hdr.gz", "a.img.gz", true, true)]
    [InlineData("a.hdr", "a.hdr", "a.img.gz", false, true)]
    [InlineData("A.HDR", "A.HDR", "A.IMG", true, false)]
    public void A_pair_is_opened_by_either_name(string open, string header, string image, bool zipHeader, bool zipImage)
    {
        using var folder = new TemporaryFolder();
        var file = new NiftiFile(type: NiftiType.UInt8, data: [.. Enumerable.Range(1, 12).Select(i => (byte)i)], pair: true);
        File.WriteAllBytes(folder[header], zipHeader ? NiftiFile.Gzip(file.Bytes) : file.Bytes);
        File.WriteAllBytes(folder[image], zipImage ? NiftiFile.Gzip(file.Data) : file.Data);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (float)i), NiftiVolume.Read(folder[open]).Values);
    }

    [Fact]
    public void A_pair_without_its_image_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.hdr"], new NiftiFile(pair: true).Bytes);
        Assert.Equal("pair: the .img file is missing", Assert.Throws<NiftiException>(() => NiftiVolume.Read(folder["a.hdr"])).Message);
    }

    [Fact]
    public void A_summary_covers_the_finite_voxels_in_double()
    {
        using var folder = new TemporaryFolder();
        double[] values = [1e16, 1, -1e16, double.NaN, double.NegativeInfinity, 3, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(folder["a.nii"], new NiftiFile(type: NiftiType.Float64, data: [.. values.SelectMany(BitConverter.GetBytes)]).Whole);
        var summary = NiftiSummary.Read(folder["a.nii"]);
        Assert.Equal((10, 4.0, 0.4, -1e16, 1e16), (summary.FiniteVoxels, summary.Sum, summary.Mean, summary.Min, summary.Max));

        File.WriteAllBytes(folder["b.nii"], new NiftiFile(type: NiftiType.Float64, data: [.. Enumerable.Repeat(double.NaN, 12).SelectMany(BitConverter.GetBytes)]).Whole);
        Assert.Null(NiftiSummary.Read(folder["b.nii"]).Mean);
    }

    [Theory]
    [InlineData("a.nii", 1)]
    [InlineData("a.nii.gz", 3)]
    public void What_is_written_reads_the_same(string name, int maps)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(7);
        var volume = new NiftiVolume(
            new Grid(5, 4, 3, new Affine(2, 0.5, 0, -10, 0, 2, 0.25, 3, 0, 0, -2, 7)),
            maps,
            [.. Enumerable.Range(0, 60 * maps).Select(i => i == 7 ? float.NaN : (float)(random.NextDouble() - 0.5))]);
        NiftiWriter.Write(folder[name], volume);
        var read = NiftiVolume.Read(folder[name]);
        Assert.Equal((volume.Grid, volume.Maps), (read.Grid, read.Maps));
        Assert.Equal(volume.Values, read.Values);
    }

    [Fact]
    public void A_long_dimension_is_written_as_version_two()
    {
        using var memory = new MemoryStream();
        var volume = new NiftiVolume(new Grid(40_000, 1, 1, new Affine(0.1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)), 1, new float[40_000]);
        NiftiWriter.Write(memory, volume, compress: false);
        using var reader = NiftiReader.Open(new MemoryStream(memory.ToArray()));
        Assert.Equal((2, volume.Grid), (reader.Header.Version, reader.Header.Grid));
    }

    private static void Check<T>(int version, bool big, NiftiType type, params T[] values)
        where T : unmanaged, INumberBase<T>
    {
        var data = new List<byte>();
        foreach (var value in values)
        {
            var bytes = new byte[NiftiFile.Size(type)];
            System.Runtime.InteropServices.MemoryMarshal.Write(bytes, value);
            data.AddRange(big ? bytes.Reverse() : bytes);
        }

        var file = new NiftiFile(version, big, type, [values.Length], [.. data]);
        Assert.Equal(values.Select(double.CreateChecked), ReadDoubles(file.Whole));
        Assert.Equal(values.Select(value => (float)double.CreateChecked(value)), Read(file.Whole).Values);
        file.Set("scl_slope", 0.5).Set("scl_inter", -3);
        Assert.Equal(values.Select(value => double.CreateChecked(value) * 0.5 - 3), ReadDoubles(NiftiFile.Gzip(file.Whole)));
    }

    /// <summary>bgzip's last member is empty, and looks like the zeros that may stand before it.</summary>
    [Fact]
    public void A_gzip_file_may_end_in_an_empty_member()
    {
        byte[] last = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, (byte)'B', (byte)'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        foreach (var values in new float[][] { [1, 2, 3], [0, 0, 0] })
        {
            var file = new NiftiFile(dims: [3], data: [.. values.SelectMany(BitConverter.GetBytes)]);
            Assert.Equal(values, Read([.. NiftiFile.Gzip(file.Bytes), .. NiftiFile.Gzip(file.Data), .. last]).Values);
            Assert.Equal(values, Read([.. last, .. NiftiFile.Gzip(file.Whole), .. last]).Values);
        }
    }

    private static double[] ReadDoubles(byte[] file)
    {
        using var reader = NiftiReader.Open(new MemoryStream(file));
        var values = new double[reader.Header.Voxels];
        Assert.Equal(values.Length, reader.Read(values));
        Assert.Equal(0, reader.Read(new double[1]));
        return values;
    }

    private static NiftiVolume Read(byte[] file) => NiftiVolume.Read(new MemoryStream(file));
}
