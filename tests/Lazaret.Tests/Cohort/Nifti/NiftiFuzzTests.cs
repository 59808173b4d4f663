using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

/// <summary>Seeded: a failure names the round, which repeats it.</summary>
public sealed class NiftiFuzzTests
{
    private static readonly NiftiLimits Small = new() { Voxels = 100_000, HeaderBytes = 64 << 10 };
    private static readonly NiftiType[] Types = Enum.GetValues<NiftiType>();

    [Fact]
    public void Any_sound_header_reads_as_it_was_written()
    {
        for (var round = 0; round < 400; round++)
        {
            var random = new Random(round);
            var type = Types[random.Next(Types.Length)];
            var dims = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (long)random.Next(1, 6)).ToArray();
            var count = (int)dims.Aggregate(1L, (product, dim) => product * dim);
            var big = random.Next(2) == 0;
            // Small whole numbers are exact in every type.
            var values = Enumerable.Range(0, count).Select(_ => (double)random.Next(0, 100)).ToArray();
            var file = new NiftiFile(random.Next(1, 3), big, type, dims, [.. values.SelectMany(value => Encode(value, type, big))]);
            var (slope, intercept) = (random.Next(3) == 0 ? 0 : random.Next(1, 9) / 4.0, random.Next(-8, 8) / 2.0);
            file.Set("scl_slope", slope).Set("scl_inter", intercept);
            if (random.Next(2) == 0)
                file.Set("extension", 1).Append([.. NiftiFile.Int32Bytes(16, big), .. new byte[12 + random.Next(8)]]);
            var bytes = random.Next(2) == 0 ? NiftiFile.Gzip(file.Whole) : file.Whole;

            var volume = NiftiVolume.Read(new MemoryStream(bytes), Small);
            Assert.True(volume.Values.SequenceEqual(values.Select(value => (float)(slope == 0 ? value : value * slope + intercept))), $"round {round}");
        }
    }

    [Fact]
    public void Any_damage_reads_or_is_refused_and_nothing_else()
    {
        var (read, refused) = (0, 0);
        for (var round = 0; round < 6000; round++)
        {
            var random = new Random(round);
            var whole = new NiftiFile(random.Next(1, 3), random.Next(2) == 0, Types[random.Next(Types.Length)]).Whole;
            var bytes = random.Next(2) == 0 ? NiftiFile.Gzip(whole) : whole;
            for (var change = random.Next(1, 5); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                var volume = NiftiVolume.Read(new MemoryStream(bytes), Small);
                Assert.Equal(volume.Grid.Voxels * volume.Maps, volume.Values.Length);
                Assert.True(volume.Grid.Affine.IsFinite && !volume.Grid.Affine.IsSingular, $"round {round}");
                read++;
            }
            catch (NiftiException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
                refused++;
            }
        }

        Assert.InRange(read, 500, 5500);
        Assert.Equal(6000, read + refused);
    }

    [Fact]
    public void Every_value_of_every_header_byte_reads_or_is_refused_and_nothing_else()
    {
        foreach (var version in new[] { 1, 2 })
        {
            var whole = new NiftiFile(version).Whole;
            for (var at = 0; at < whole.Length - 48; at++)
            {
                foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
                {
                    var bytes = whole.ToArray();
                    bytes[at] = value;
                    var exception = Record.Exception(() => NiftiVolume.Read(new MemoryStream(bytes), Small));
                    Assert.True(exception is null or NiftiException, $"version {version}, byte {at}: {exception}");
                }
            }
        }
    }

    private static byte[] Encode(double value, NiftiType type, bool big)
    {
        byte[] bytes = type switch
        {
            NiftiType.UInt8 or NiftiType.Int8 => [(byte)value],
            NiftiType.Int16 or NiftiType.UInt16 => BitConverter.GetBytes((short)value),
            NiftiType.Int32 or NiftiType.UInt32 => BitConverter.GetBytes((int)value),
            NiftiType.Int64 or NiftiType.UInt64 => BitConverter.GetBytes((long)value),
            NiftiType.Float32 => BitConverter.GetBytes((float)value),
            _ => BitConverter.GetBytes(value),
        };
        return big ? [.. bytes.Reverse()] : bytes;
    }
}
