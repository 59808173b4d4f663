using System.Runtime.InteropServices;
using Lazaret.Cohort.Files;

namespace Lazaret.Cohort.Nifti;

/// <summary>
/// Reads a NIfTI-1 or NIfTI-2 volume as a stream of scaled values, in the file's order, within <see cref="NiftiLimits"/>.
/// A file is sound only once <see cref="Read(Span{double})"/> has returned 0: what follows the voxels, and gzip's checksums, are checked then.
/// </summary>
public sealed class NiftiReader : IDisposable
{
    private const int ChunkBytes = 64 << 10;

    private readonly ByteSource _data;
    private readonly byte[] _raw = new byte[ChunkBytes];
    private double[] _scaled = [];
    private long _left;
    private bool _complete;
    private readonly long _voxels;
    private SingleRounding _rounding = new();
    private long _rounded;

    private NiftiReader(NiftiHeader header, ByteSource data, NiftiLimits limits)
    {
        (Header, _data, Limits, _left, _voxels) = (header, data, limits, header.Voxels, header.Grid.Voxels);
    }

    public NiftiHeader Header { get; }

    internal NiftiLimits Limits { get; }

    /// <summary>Why a map that was read in single precision is not the file's, of the first of them that is not; null as long as each is.</summary>
    internal string? Lost { get; private set; }

    /// <summary>Opens a .nii, or either file of an .hdr/.img pair; each may be gzip, which its first bytes tell, not its name.</summary>
    /// <exception cref="NiftiException">The header, or the file's size, is not sound.</exception>
    public static NiftiReader Open(string path, NiftiLimits? limits = null)
    {
        var files = NiftiPair.Of(path);
        return Open(ByteSource.Open(files?.Header ?? path), files, limits ?? new NiftiLimits());
    }

    /// <summary>Opens a single-file volume and takes over the stream.</summary>
    /// <inheritdoc cref="Open(string, NiftiLimits?)"/>
    public static NiftiReader Open(Stream stream, NiftiLimits? limits = null) => Open(ByteSource.Open(stream), null, limits ?? new NiftiLimits());

    /// <summary>The next scaled values in double precision; fewer than asked for only at the end, and 0 once the whole file is found sound.</summary>
    public int Read(Span<double> values)
    {
        var count = (int)Math.Min(values.Length, _left);
        var size = Header.Type.Bytes();
        for (var done = 0; done < count;)
        {
            var block = Math.Min(count - done, ChunkBytes / size);
            var raw = _raw.AsSpan(0, block * size);
            ReadRaw(raw);
            RawVoxels.Scale(Header, raw, values.Slice(done, block));
            done += block;
        }

        _left -= count;
        if (count == 0 && values.Length > 0)
            Finish();
        return count;
    }

    /// <summary>The next scaled values, rounded to single precision.</summary>
    public int Read(Span<float> values)
    {
        if (Header is { Type: NiftiType.Float32, IsScaled: false })
            return ReadSingles(values);
        if (_scaled.Length == 0)
            _scaled = new double[ChunkBytes / sizeof(double)];
        var done = 0;
        while (done < values.Length)
        {
            var block = _scaled.AsSpan(0, Math.Min(_scaled.Length, values.Length - done));
            var read = Read(block);
            if (read == 0)
                break;
            for (var i = 0; i < read; i++)
            {
                values[done + i] = (float)block[i];
                if (float.IsInfinity(values[done + i]) && double.IsFinite(block[i]))
                    throw new NiftiException("data", "a value is beyond those of single precision (3.4e38), in which volumes are compared: scale the volume");
                Follow(block[i], values[done + i]);
            }

            done += read;
        }

        return done;
    }

    /// <summary>Looks at a value and what it was rounded to; at the end of each map, at the map.</summary>
    private void Follow(double value, float rounded)
    {
        _rounding.Add(value, rounded);
        if (++_rounded % _voxels != 0)
            return;
        if (_rounding.IsTiny)
            throw new NiftiException("data", "all values are below those of single precision (1.2e-38), in which volumes are compared: scale the volume");
        Lost ??= _rounding.Why();
        _rounding = new SingleRounding();
    }

    /// <summary>How many volumes follow each other.</summary>
    /// <exception cref="NiftiException">It is no series, or one of more than the limits allow.</exception>
    public int CountMaps() => Header.Dims switch
    {
        { Count: > 4 } => throw new NiftiException("dim[0]", $"{Header.Dims.Count} dimensions, expected a volume or a series of volumes"),
        [_, _, _, var maps] => maps <= Limits.Maps ? maps : throw new NiftiException("dim[4]", $"{maps} volumes, more than the {Limits.Maps} this site allows"),
        _ => 1,
    };

    /// <summary>Fills with the next scaled values, of which there must be so many.</summary>
    internal void Fill(Span<float> values)
    {
        if (Read(values) < values.Length)
            throw new NiftiException("data", "the file ends before the last voxel");
    }

    /// <summary>Sees behind the last voxel that the whole file is sound.</summary>
    internal void End()
    {
        Span<float> beyond = stackalloc float[1];
        Read(beyond);
    }

    public void Dispose() => _data.Dispose();

    private static NiftiReader Open(ByteSource source, NiftiPair? files, NiftiLimits limits)
    {
        try
        {
            var header = ReadHeader(source, limits, out var position);
            if (!header.IsPair)
                return Begin(source, header, position, limits);
            if (files is null)
                throw new NiftiException("magic", "the header of an .hdr/.img pair, expected a single file");
            NiftiExtensions.Skip(source, header, ref position, limits);
            NiftiExtensions.Drain(source, limits.HeaderBytes, "extension");
            source.Dispose();
            source = ByteSource.Open(files.FindImage());
            return Begin(source, header, 0, limits);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static NiftiHeader ReadHeader(ByteSource source, NiftiLimits limits, out long position)
    {
        Span<byte> bytes = stackalloc byte[NiftiHeaderParser.Version2Bytes];
        var start = source.ReadBlock(bytes[..4]);
        var (size, swapped) = Recognize(source, bytes, start);
        position = 4 + source.ReadBlock(bytes[4..size]);
        return position == size
            ? NiftiHeaderParser.Parse(bytes[..size], swapped, limits)
            : throw new NiftiException("sizeof_hdr", $"the file ends after {position} bytes, expected a header of {size}");
    }

    private static (int Bytes, bool Swapped) Recognize(ByteSource source, Span<byte> bytes, int start)
    {
        try
        {
            return NiftiHeaderParser.Recognize(bytes[..start]);
        }
        catch (NiftiException)
        {
            // The source has unpacked it once.
            if (Utf8Text.IsGzip(bytes[..start]))
                throw new NiftiException("file", "compressed by gzip twice: unpack it once with gunzip");
            var more = source.ReadBlock(bytes[start..ForeignFile.StartBytes]);
            if (ForeignFile.NameOf(bytes[..(start + more)]) is { } name)
                throw new NiftiException("file", name);
            throw;
        }
    }

    private static NiftiReader Begin(ByteSource source, NiftiHeader header, long position, NiftiLimits limits)
    {
        if (source.MostBytes < header.DataOffset)
            throw new NiftiException("vox_offset", $"{header.DataOffset}, beyond the end of the file");
        if (source.MostBytes < header.DataOffset + header.DataBytes)
            throw new NiftiException("data", $"the file ends early: the header announces {header.DataBytes} bytes of voxels");
        if (!header.IsPair)
            NiftiExtensions.Skip(source, header, ref position, limits);
        NiftiExtensions.SkipBytes(source, header.DataOffset - position, "vox_offset");
        return new NiftiReader(header, source, limits);
    }

    /// <summary>Single precision as it lies in the file: no detour through double.</summary>
    private int ReadSingles(Span<float> values)
    {
        var count = (int)Math.Min(values.Length, _left);
        var raw = MemoryMarshal.AsBytes(values[..count]);
        ReadRaw(raw);
        if (Header.IsSwapped)
            RawVoxels.Swap(raw, sizeof(float));
        _left -= count;
        if (count == 0 && values.Length > 0)
            Finish();
        return count;
    }

    private void ReadRaw(Span<byte> raw)
    {
        if (_data.ReadBlock(raw) < raw.Length)
            throw new NiftiException("data", "the file ends before the last voxel");
    }

    private void Finish()
    {
        if (!_complete)
            NiftiExtensions.Drain(_data, Limits.TrailingBytes, "data");
        _complete = true;
    }
}
