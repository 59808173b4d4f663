using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Store;

/// <summary>
/// The part of the store that is read when it is opened: the grid, the voxels that are columns, and the rows.
/// <code>
/// 0     magic "LZCOHORT", version, bytes of the head, checksum of the head   (8 + 4 + 4 + 4)
/// 20    head: grid, columns, bitmaps, rows
/// …     bitmaps: one bit per voxel of the grid, at the next page
/// …     matrix: little-endian singles, row by row, at the next page; a row is padded to 64 bytes
/// …     orders: for each row of the matrix its columns by increasing value, as ValueOrder writes them; padded alike
/// </code>
/// </summary>
internal sealed record StoreHead(Grid Grid, int[] Columns, IReadOnlyList<uint> BitmapChecksums, IReadOnlyList<StoreRow> Rows)
{
    public const int PrefixBytes = 20;

    private const int Version = 3;
    private const int Page = 4096;
    private const int MaxBytes = 1 << 30;

    private static ReadOnlySpan<byte> Magic => "LZCOHORT"u8;

    /// <summary>How many bytes the head takes on disk; the checksums in it do not change that.</summary>
    public int Bytes { get; private init; }

    public int BitmapBytes => (int)((Grid.Voxels + 63) / 64 * 8);

    /// <summary>Floats from one row to the next.</summary>
    public long Stride => (Columns.Length + 15L) / 16 * 16;

    public int MatrixRows => Rows.Count(row => row.Wrong is null);

    public long BitmapsOffset => Pages(PrefixBytes + Bytes);

    public long MatrixOffset => Pages(BitmapsOffset + (long)BitmapBytes * BitmapChecksums.Count);

    public long OrdersOffset => MatrixOffset + Stride * sizeof(float) * MatrixRows;

    public long FileBytes => OrdersOffset + Stride * sizeof(uint) * MatrixRows;

    public StoreHead Measured() => this with { Bytes = Serialize().Length };

    public void Write(Stream stream)
    {
        var head = Serialize();
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        Magic.CopyTo(prefix);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[12..], head.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[16..], Crc32.Of(head));
        stream.Write(prefix);
        stream.Write(head);
    }

    /// <exception cref="StoreException">It is no store of this version, or damaged.</exception>
    public static StoreHead Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (stream.ReadAtLeast(prefix, PrefixBytes, throwOnEndOfStream: false) < PrefixBytes || !prefix.StartsWith(Magic))
            throw new StoreException("another kind of file");
        if (BinaryPrimitives.ReadInt32LittleEndian(prefix[8..]) is not Version and var version)
            throw new StoreException($"of version {version}, expected {Version}");
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix[12..]);
        if (length < 0 || length > MaxBytes || length > stream.Length)
            throw new StoreException("damaged: its head is longer than the file");
        var head = new byte[length];
        if (stream.ReadAtLeast(head, length, throwOnEndOfStream: false) < length || Crc32.Of(head) != BinaryPrimitives.ReadUInt32LittleEndian(prefix[16..]))
            throw new StoreException("damaged: the checksum of its head is wrong");
        var read = Deserialize(head);
        return read.FileBytes == stream.Length ? read : throw new StoreException($"damaged: {stream.Length} bytes, expected {read.FileBytes}");
    }

    private byte[] Serialize()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(Grid.X);
        writer.Write(Grid.Y);
        writer.Write(Grid.Z);
        for (var i = 0; i < 12; i++)
            writer.Write(Grid.Affine[i / 4, i % 4]);
        writer.Write(Columns.Length);
        writer.Write(MemoryMarshal.AsBytes(Columns.AsSpan()));
        writer.Write(BitmapChecksums.Count);
        foreach (var checksum in BitmapChecksums)
            writer.Write(checksum);
        writer.Write(Rows.Count);
        foreach (var row in Rows)
        {
            writer.Write(row.SubjectId);
            writer.Write(row.Visit);
            writer.Write(row.Fingerprint.Bytes);
            writer.Write(row.Fingerprint.ChangedTicks);
            writer.Write(row.Fingerprint.Name);
            writer.Write(row.FiniteVoxels);
            writer.Write(row.Bitmap);
            writer.Write(row.Checksum);
            writer.Write(row.Wrong is not null);
            if (row.Wrong is not null)
                writer.Write(row.Wrong);
        }

        writer.Flush();
        return memory.ToArray();
    }

    /// <summary>The checksum was correct, so <see cref="Serialize"/> wrote these bytes.</summary>
    private static StoreHead Deserialize(byte[] head)
    {
        using var reader = new BinaryReader(new MemoryStream(head), Encoding.UTF8);
        var (x, y, z) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var affine = new double[12];
        for (var i = 0; i < affine.Length; i++)
            affine[i] = reader.ReadDouble();
        var columns = new int[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(columns.AsSpan()));
        var bitmaps = new uint[reader.ReadInt32()];
        for (var i = 0; i < bitmaps.Length; i++)
            bitmaps[i] = reader.ReadUInt32();
        var rows = new StoreRow[reader.ReadInt32()];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new StoreRow(
                reader.ReadString(), reader.ReadString(), new Fingerprint(reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt32()),
                reader.ReadInt32(), reader.ReadInt32(), reader.ReadUInt32(), reader.ReadBoolean() ? reader.ReadString() : null);
        }

        return new StoreHead(new Grid(x, y, z, new Affine(affine)), columns, bitmaps, rows) { Bytes = head.Length };
    }

    private static long Pages(long bytes) => (bytes + Page - 1) / Page * Page;
}
