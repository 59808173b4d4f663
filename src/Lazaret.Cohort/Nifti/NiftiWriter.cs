using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Nifti;

/// <summary>Writes float32 volumes, little-endian and unscaled: NIfTI-1, or NIfTI-2 where a dimension passes 32,767.</summary>
public static class NiftiWriter
{
    private const int Version1Offset = NiftiHeaderParser.Version1Bytes + 4;
    private const int Version2Offset = NiftiHeaderParser.Version2Bytes + 4;
    private const short AlignedCode = 2;
    private const byte Millimetres = 2;

    /// <summary>Writes to a path; a name that ends in <c>.gz</c> is compressed.</summary>
    public static void Write(string path, NiftiVolume volume)
    {
        using var file = File.Create(path);
        Write(file, volume, path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Writes to a stream, and leaves it open.</summary>
    public static void Write(Stream stream, NiftiVolume volume, bool compress)
    {
        if (compress)
        {
            using var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
            Write(gzip, volume, compress: false);
            return;
        }

        if (volume.Values.LongLength != volume.Grid.Voxels * volume.Maps)
            throw new ArgumentException("The values do not fill the grid.", nameof(volume));
        var large = new[] { volume.Grid.X, volume.Grid.Y, volume.Grid.Z, volume.Maps }.Max() > short.MaxValue;
        stream.Write(large ? Header2(volume) : Header1(volume));
        WriteValues(stream, volume.Values);
    }

    private static byte[] Header1(NiftiVolume volume)
    {
        var header = new byte[Version1Offset];
        var span = header.AsSpan();
        BinaryPrimitives.WriteInt32LittleEndian(span, NiftiHeaderParser.Version1Bytes);
        var dims = Dims(volume);
        for (var i = 0; i < dims.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(span[(40 + 2 * i)..], (short)dims[i]);
        BinaryPrimitives.WriteInt16LittleEndian(span[70..], (short)NiftiType.Float32);
        BinaryPrimitives.WriteInt16LittleEndian(span[72..], 8 * sizeof(float));
        BinaryPrimitives.WriteSingleLittleEndian(span[76..], 1);
        for (var axis = 0; axis < 3; axis++)
            BinaryPrimitives.WriteSingleLittleEndian(span[(80 + 4 * axis)..], (float)volume.Grid.Affine.Length(axis));
        BinaryPrimitives.WriteSingleLittleEndian(span[108..], Version1Offset);
        BinaryPrimitives.WriteSingleLittleEndian(span[112..], 1);
        span[123] = Millimetres;
        BinaryPrimitives.WriteInt16LittleEndian(span[254..], AlignedCode);
        for (var i = 0; i < 12; i++)
            BinaryPrimitives.WriteSingleLittleEndian(span[(280 + 4 * i)..], (float)volume.Grid.Affine[i / 4, i % 4]);
        "n+1\0"u8.CopyTo(span[344..]);
        return header;
    }

    private static byte[] Header2(NiftiVolume volume)
    {
        var header = new byte[Version2Offset];
        var span = header.AsSpan();
        BinaryPrimitives.WriteInt32LittleEndian(span, NiftiHeaderParser.Version2Bytes);
        "n+2\0\r\n\x1a\n"u8.CopyTo(span[4..]);
        BinaryPrimitives.WriteInt16LittleEndian(span[12..], (short)NiftiType.Float32);
        BinaryPrimitives.WriteInt16LittleEndian(span[14..], 8 * sizeof(float));
        var dims = Dims(volume);
        for (var i = 0; i < dims.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(span[(16 + 8 * i)..], dims[i]);
        BinaryPrimitives.WriteDoubleLittleEndian(span[104..], 1);
        for (var axis = 0; axis < 3; axis++)
            BinaryPrimitives.WriteDoubleLittleEndian(span[(112 + 8 * axis)..], volume.Grid.Affine.Length(axis));
        BinaryPrimitives.WriteInt64LittleEndian(span[168..], Version2Offset);
        BinaryPrimitives.WriteDoubleLittleEndian(span[176..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(span[348..], AlignedCode);
        for (var i = 0; i < 12; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(span[(400 + 8 * i)..], volume.Grid.Affine[i / 4, i % 4]);
        BinaryPrimitives.WriteInt32LittleEndian(span[500..], Millimetres);
        return header;
    }

    private static int[] Dims(NiftiVolume volume) =>
        [volume.Maps > 1 ? 4 : 3, volume.Grid.X, volume.Grid.Y, volume.Grid.Z, volume.Maps, 1, 1, 1];

    private static void WriteValues(Stream stream, ReadOnlySpan<float> values)
    {
        // In blocks: a span of bytes over all of it could pass 2 GiB. Little-endian machines only, as everything .NET ships for is.
        for (; !values.IsEmpty; values = values[Math.Min(values.Length, 1 << 20)..])
            stream.Write(MemoryMarshal.AsBytes(values[..Math.Min(values.Length, 1 << 20)]));
    }
}
