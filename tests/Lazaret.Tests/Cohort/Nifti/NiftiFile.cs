using System.Buffers.Binary;
using System.IO.Compression;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

/// <summary>Writes NIfTI files byte by byte, right or wrong; nothing here is shared with the reader.</summary>
internal sealed class NiftiFile
{
    private readonly bool _big;

    public NiftiFile(int version = 1, bool bigEndian = false, NiftiType type = NiftiType.Float32, long[]? dims = null, byte[]? data = null, bool pair = false)
    {
        (Version, _big) = (version, bigEndian);
        dims ??= [3, 2, 2];
        Bytes = new byte[version == 1 ? 352 : 544];
        Int32(0, version == 1 ? 348 : 540);
        Set("dim[0]", dims.Length);
        for (var axis = 1; axis <= 7; axis++)
            Set($"dim[{axis}]", axis <= dims.Length ? dims[axis - 1] : 1);
        Set("datatype", (int)type);
        Set("bitpix", 8 * Size(type));
        Set("vox_offset", pair ? 0 : Bytes.Length);
        Set("scl_slope", 0);
        Set("sform_code", 2);
        double[] rows = [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72];
        for (var i = 0; i < 12; i++)
            Set($"srow[{i}]", rows[i]);
        byte[] magic = [(byte)'n', (byte)(pair ? 'i' : '+'), .. version == 1 ? "1\0"u8 : "2\0\r\n\x1a\n"u8];
        magic.CopyTo(Bytes, version == 1 ? 344 : 4);
        Data = data ?? new byte[dims.Aggregate(1L, (product, dim) => product * dim) * Size(type)];
    }

    public int Version { get; }

    public byte[] Bytes { get; private set; }

    public byte[] Data { get; set; }

    public byte[] Whole => [.. Bytes, .. Data];

    public static int Size(NiftiType type) => type switch
    {
        NiftiType.Int8 or NiftiType.UInt8 => 1,
        NiftiType.Int16 or NiftiType.UInt16 => 2,
        NiftiType.Int32 or NiftiType.UInt32 or NiftiType.Float32 => 4,
        _ => 8,
    };

    public static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return memory.ToArray();
    }

    /// <summary>Appends to the header, as extensions do, and moves the voxels behind it.</summary>
    public NiftiFile Append(params byte[] bytes)
    {
        Bytes = [.. Bytes, .. bytes];
        return Set("vox_offset", Bytes.Length);
    }

    public NiftiFile Set(string field, double value)
    {
        var index = field.IndexOf('[', StringComparison.Ordinal) is > 0 and var at ? int.Parse(field.AsSpan(at + 1, field.Length - at - 2), null) : 0;
        switch (Version, field.Split('[')[0])
        {
            case (1, "dim"): Int16(40 + 2 * index, (short)value); break;
            case (2, "dim"): Int64(16 + 8 * index, (long)value); break;
            case (_, "datatype"): Int16(Version == 1 ? 70 : 12, (short)value); break;
            case (_, "bitpix"): Int16(Version == 1 ? 72 : 14, (short)value); break;
            case (1, "vox_offset"): Single(108, value); break;
            case (2, "vox_offset"): Int64(168, (long)value); break;
            case (_, "scl_slope"): Real(112, 176, value); break;
            case (_, "scl_inter"): Real(116, 184, value); break;
            case (_, "pixdim"): Real(76 + 4 * index, 104 + 8 * index, value); break;
            case (_, "quatern"): Real(256 + 4 * index, 352 + 8 * index, value); break;
            case (_, "qoffset"): Real(268 + 4 * index, 376 + 8 * index, value); break;
            case (_, "srow"): Real(280 + 4 * index, 400 + 8 * index, value); break;
            case (1, "qform_code"): Int16(252, (short)value); break;
            case (2, "qform_code"): Int32(344, (int)value); break;
            case (1, "sform_code"): Int16(254, (short)value); break;
            case (2, "sform_code"): Int32(348, (int)value); break;
            case (_, "sizeof_hdr"): Int32(0, (int)value); break;
            case (_, "extension"): Bytes[Version == 1 ? 348 : 540] = (byte)value; break;
            case (_, "magic"): Bytes[(Version == 1 ? 344 : 4) + index] = (byte)value; break;
            default: throw new ArgumentException($"No field {field}.", nameof(field));
        }

        return this;
    }

    public static byte[] Int32Bytes(int value, bool big)
    {
        var bytes = BitConverter.GetBytes(big ? BinaryPrimitives.ReverseEndianness(value) : value);
        return bytes;
    }

    private void Real(int one, int two, double value)
    {
        if (Version == 1)
            Single(one, value);
        else
            Int64(two, BitConverter.DoubleToInt64Bits(value));
    }

    private void Single(int at, double value) => Int32(at, BitConverter.SingleToInt32Bits((float)value));

    private void Int16(int at, short value) => BitConverter.TryWriteBytes(Bytes.AsSpan(at), _big ? BinaryPrimitives.ReverseEndianness(value) : value);

    private void Int32(int at, int value) => BitConverter.TryWriteBytes(Bytes.AsSpan(at), _big ? BinaryPrimitives.ReverseEndianness(value) : value);

    private void Int64(int at, long value) => BitConverter.TryWriteBytes(Bytes.AsSpan(at), _big ? BinaryPrimitives.ReverseEndianness(value) : value);
}
