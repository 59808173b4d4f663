using System.Buffers.Binary;
using System.IO.Compression;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

public sealed class HostileNiftiTests
{
    private static readonly NiftiLimits Small = new() { Voxels = 10_000, HeaderBytes = 4096, TrailingBytes = 64 };

    /// <summary>Each is one wrong field of an otherwise sound file, in both versions, and the field that must be named.</summary>
    public static TheoryData<string, double, string> WrongFields => new()
    {
        { "sizeof_hdr", 0, "sizeof_hdr" },
        { "sizeof_hdr", 349, "sizeof_hdr" },
        { "magic[0]", 'x', "magic" },
        { "magic[1]", 'x', "magic" },
        { "magic[3]", 'x', "magic" },
        { "dim[0]", 0, "dim[0]" },
        { "dim[0]", 8, "dim[0]" },
        { "dim[0]", -1, "dim[0]" },
        { "dim[1]", 0, "dim[1]" },
        { "dim[2]", -5, "dim[2]" },
        { "dim[3]", 30_000, "dim" },
        { "dim[3]", 3, "data" },
        { "datatype", 0, "datatype" },
        { "datatype", 1, "datatype" },
        { "datatype", 32, "datatype" },
        { "datatype", 128, "datatype" },
        { "datatype", 1536, "datatype" },
        { "datatype", 1792, "datatype" },
        { "datatype", 2304, "datatype" },
        { "datatype", 7, "datatype" },
        { "bitpix", 16, "bitpix" },
        { "vox_offset", 100, "vox_offset" },
        { "vox_offset", -352, "vox_offset" },
        { "vox_offset", 4000, "vox_offset" },
        { "vox_offset", 4097, "vox_offset" },
        { "sform_code", 0, "sform_code" },
        { "srow[0]", double.NaN, "srow" },
        { "srow[3]", double.PositiveInfinity, "srow" },
        { "srow[0]", 0, "srow" },
        { "srow[5]", 1e-300, "srow" },
    };

    [Theory]
    [MemberData(nameof(WrongFields))]
    public void A_wrong_field_is_refused_by_name(string field, double value, string named)
    {
        foreach (var version in new[] { 1, 2 })
        {
            foreach (var big in new[] { false, true })
                AssertRefused(named, new NiftiFile(version, big).Set(field, value).Whole);
        }
    }

    [Fact]
    public void A_series_of_more_volumes_than_allowed_is_refused()
    {
        var file = new NiftiFile(dims: [2, 2, 2, 5]).Whole;
        Assert.Equal(5, NiftiVolume.Read(new MemoryStream(file), Small with { Maps = 5 }).Maps);
        Assert.StartsWith("dim[4]", Assert.Throws<NiftiException>(() => NiftiVolume.Read(new MemoryStream(file), Small with { Maps = 4 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vox_offset", 352.5)]
    [InlineData("vox_offset", double.NaN)]
    [InlineData("vox_offset", double.PositiveInfinity)]
    public void A_vox_offset_that_is_no_whole_number_is_refused(string field, double value) =>
        AssertRefused("vox_offset", new NiftiFile().Set(field, value).Whole);

    [Fact]
    public void Dimensions_whose_product_overflows_are_refused()
    {
        AssertRefused("dim", new NiftiFile(2, dims: [1L << 40, 1L << 40, 1L << 40], data: []).Whole);
        AssertRefused("dim", new NiftiFile(1, dims: [32767, 32767, 32767, 32767, 32767, 32767, 32767], data: []).Whole);
    }

    [Theory]
    [InlineData("quatern[0]", 1.1, "quatern")]
    [InlineData("quatern[1]", double.NaN, "quatern")]
    [InlineData("pixdim[0]", double.NaN, "pixdim[0]")]
    [InlineData("pixdim[1]", 0, "pixdim[1]")]
    [InlineData("pixdim[2]", -1, "pixdim[2]")]
    [InlineData("pixdim[3]", double.NaN, "pixdim[3]")]
    [InlineData("qoffset[1]", double.PositiveInfinity, "quatern")]
    public void A_wrong_qform_is_refused_by_name(string field, double value, string named)
    {
        foreach (var version in new[] { 1, 2 })
        {
            var file = new NiftiFile(version).Set("sform_code", 0).Set("qform_code", 1).Set("pixdim[1]", 1).Set("pixdim[2]", 1).Set("pixdim[3]", 1);
            NiftiVolume.Read(new MemoryStream(file.Whole), Small);
            AssertRefused(named, file.Set(field, value).Whole);
        }
    }

    [Fact]
    public void A_slope_with_an_intercept_that_is_not_finite_is_refused() =>
        AssertRefused("scl_inter", new NiftiFile().Set("scl_slope", 2).Set("scl_inter", double.NaN).Whole);

    [Theory]
    [InlineData(0)]
    [InlineData(-16)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(int.MaxValue)]
    public void An_extension_of_impossible_size_is_refused(int size)
    {
        foreach (var version in new[] { 1, 2 })
            AssertRefused("esize", new NiftiFile(version).Set("extension", 1).Append([.. NiftiFile.Int32Bytes(size, big: false), .. new byte[28]]).Whole);
    }

    [Fact]
    public void A_single_file_that_says_it_is_a_pair_is_refused() => AssertRefused("magic", new NiftiFile(pair: true).Whole);

    [Fact]
    public void A_file_that_ends_early_is_refused_wherever_it_ends()
    {
        var whole = new NiftiFile().Whole;
        for (var length = 0; length < whole.Length; length++)
        {
            AssertRefused(null, whole[..length]);
            AssertRefused(null, NiftiFile.Gzip(whole.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Much_behind_the_last_voxel_is_refused_and_a_little_is_padding()
    {
        byte[] padded = [.. new NiftiFile().Whole, .. new byte[64]];
        NiftiVolume.Read(new MemoryStream(padded), Small);
        NiftiVolume.Read(new MemoryStream(NiftiFile.Gzip(padded)), Small);
        AssertRefused("data", [.. padded, 0]);
        AssertRefused("data", NiftiFile.Gzip([.. padded, 0]));
    }

    [Fact]
    public void A_gzip_that_is_cut_off_damaged_or_followed_by_garbage_is_refused()
    {
        var random = new Random(3);
        var data = new byte[48];
        random.NextBytes(data);
        var whole = new NiftiFile(data: data).Whole;
        var zipped = NiftiFile.Gzip(whole);
        for (var length = 0; length < zipped.Length; length++)
            AssertRefused(null, zipped[..length]);
        AssertRefused("gzip", [.. zipped, 0, 1]);
        AssertRefused("gzip", [.. zipped, .. new byte[100_000], 1]);
        AssertRefused("gzip", [.. zipped, .. "garbage behind the member"u8]);
        AssertRefused("gzip", [.. zipped, .. zipped[..^1]]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(1024)]
    [InlineData(200_000)]
    public void Zeros_behind_a_gzip_or_between_its_members_are_padding(int zeros)
    {
        var random = new Random(4);
        var data = new byte[48];
        random.NextBytes(data);
        var whole = new NiftiFile(data: data).Whole;
        var expected = NiftiVolume.Read(new MemoryStream(whole), Small).Values;
        var padding = new byte[zeros];
        foreach (var file in (byte[][])[
            [.. NiftiFile.Gzip(whole), .. padding],
            [.. NiftiFile.Gzip(whole), .. NiftiFile.Gzip([]), .. padding],
            [.. NiftiFile.Gzip(whole.AsSpan(0, 20)), .. padding, .. NiftiFile.Gzip(whole.AsSpan(20)), .. padding],
            [.. NiftiFile.Gzip(whole.AsSpan(0, 20)), .. NiftiFile.Gzip([]), .. padding, .. NiftiFile.Gzip(whole.AsSpan(20))]])
            Assert.Equal(expected, NiftiVolume.Read(new MemoryStream(file), Small).Values);
    }

    [Fact]
    public void A_flipped_bit_in_a_gzip_is_refused_unless_the_voxels_are_the_same()
    {
        var random = new Random(3);
        var data = new byte[48];
        random.NextBytes(data);
        var file = new NiftiFile(data: data);
        var zipped = NiftiFile.Gzip(file.Whole);
        var refused = 0;
        for (var bit = 16; bit < zipped.Length * 8; bit++)
        {
            var flipped = zipped.ToArray();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            try
            {
                Assert.Equal(NiftiVolume.Read(new MemoryStream(file.Whole)).Values, NiftiVolume.Read(new MemoryStream(flipped), Small).Values);
            }
            catch (NiftiException)
            {
                refused++;
            }
        }

        // Time, flags and system (48 bits), and codes that no voxel uses, carry no data.
        Assert.InRange(refused, zipped.Length * 8 - 16 - 48 - 32, zipped.Length * 8 - 16 - 48);
    }

    [Fact]
    public void A_gzip_of_several_members_with_every_optional_field_is_read()
    {
        var whole = new NiftiFile(type: NiftiType.UInt8, data: [.. Enumerable.Range(1, 12).Select(i => (byte)i)]).Whole;
        byte[] file = [.. NiftiFile.Gzip(whole.AsSpan(0, 100)), .. WithAllFields(whole.AsSpan(100, 200)), .. NiftiFile.Gzip([]), .. NiftiFile.Gzip(whole.AsSpan(300))];
        Assert.Equal(12, NiftiVolume.Read(new MemoryStream(file), Small).Values[^1]);
    }

    [Fact]
    public void A_gzip_bomb_stops_at_its_claim()
    {
        // 64 MiB of zeros behind a sound volume of 48 bytes.
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(new NiftiFile().Whole);
            for (var i = 0; i < 64; i++)
                gzip.Write(new byte[1 << 20]);
        }

        var counted = new CountingStream(memory.ToArray());
        Assert.Equal("data", Assert.Throws<NiftiException>(() => NiftiVolume.Read(counted, Small)).Field);
        Assert.InRange(counted.Taken, 0, 200_000);
    }

    [Fact]
    public void A_header_that_claims_more_than_the_file_can_hold_is_refused_before_anything_is_allocated()
    {
        var claim = new NiftiFile(dims: [500, 500, 500], data: new byte[1000]).Whole;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("data", Assert.Throws<NiftiException>(() => NiftiVolume.Read(new MemoryStream(claim))).Field);
        Assert.Equal("data", Assert.Throws<NiftiException>(() => NiftiVolume.Read(new MemoryStream(NiftiFile.Gzip(claim)))).Field);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static void AssertRefused(string? field, byte[] file)
    {
        var exception = Assert.Throws<NiftiException>(() => NiftiVolume.Read(new MemoryStream(file), Small));
        Assert.Equal(field ?? exception.Field, exception.Field);
        Assert.DoesNotContain('\n', exception.Message);
    }

    private static byte[] WithAllFields(ReadOnlySpan<byte> content)
    {
        var plain = NiftiFile.Gzip(content);
        byte[] header = [0x1F, 0x8B, 8, 0b1_1110, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3, .. "name\0"u8, .. "comment\0"u8];
        var crc = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(crc, (ushort)SlowCrc(header));
        return [.. header, .. crc, .. plain[10..]];
    }

    private static uint SlowCrc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public int Taken { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            Taken += read;
            return read;
        }
    }
}
