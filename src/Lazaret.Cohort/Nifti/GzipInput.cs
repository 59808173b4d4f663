using System.Buffers.Binary;
using System.IO.Compression;
using Lazaret.Cohort.Files;

namespace Lazaret.Cohort.Nifti;

/// <summary>
/// Inflates all members of a gzip file (RFC 1952) and checks what <see cref="GZipStream"/> lets pass: a stream that is cut off,
/// a missing or wrong trailer, and bytes that are no member behind the last one. Zeros are no fault there: tools that write in blocks
/// fill the last one with them, and gzip skips them.
/// </summary>
public sealed class GzipInput(BufferedInput input) : IDisposable
{
    /// <summary>Small slices, so that the end of a member, which DeflateStream does not tell, is looked for in few bytes.</summary>
    private const int SliceBytes = 1024;

    private const int MaxMembers = 65_536;
    private const int MaxHeaderText = 65_536;

    private DeflateStream? _member;
    private Slices? _slices;
    private Crc32 _crc = new();
    private uint _length;
    private int _members;

    public int Read(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            if (_member is null && !BeginMember())
                return 0;
            int read;
            try
            {
                read = _member!.Read(target);
            }
            catch (InvalidDataException exception)
            {
                throw new NiftiException("gzip", "the compressed data are damaged", exception);
            }

            if (read > 0)
            {
                _crc.Append(target[..read]);
                _length += (uint)read;
                return read;
            }

            EndMember();
        }

        return 0;
    }

    public void Dispose() => _member?.Dispose();

    private bool BeginMember()
    {
        if (_members > 0 && !SkipZeros())
            return false;
        if (++_members > MaxMembers)
            throw new NiftiException("gzip", $"more than {MaxMembers} members");

        var header = new Crc32();
        var start = Take(10, ref header);
        if (start[0] != 0x1F || start[1] != 0x8B)
            throw new NiftiException("gzip", "bytes that are no gzip member follow the last member");
        var flags = start[3];
        if (start[2] != 8 || (flags & 0xE0) != 0)
            throw new NiftiException("gzip", $"method {start[2]} with flags 0x{flags:x2}, expected deflate with known flags");
        if ((flags & 4) != 0)
            Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(2, ref header)), ref header);
        if ((flags & 8) != 0)
            SkipText(ref header);
        if ((flags & 16) != 0)
            SkipText(ref header);
        var expected = (ushort)header.Value;
        if ((flags & 2) != 0 && BinaryPrimitives.ReadUInt16LittleEndian(Take(2, ref header)) != expected)
            throw new NiftiException("gzip", "the checksum of the header is wrong");

        _slices = new Slices(input);
        _member = new DeflateStream(_slices, CompressionMode.Decompress);
        (_crc, _length) = (new Crc32(), 0);
        return true;
    }

    /// <summary>False when the file ends there.</summary>
    private bool SkipZeros()
    {
        while (input.Peek(SliceBytes) is { IsEmpty: false } bytes)
        {
            var zeros = bytes.IndexOfAnyExcept((byte)0);
            if (zeros >= 0)
            {
                input.Skip(zeros);
                return true;
            }

            input.Skip(bytes.Length);
        }

        return false;
    }

    /// <summary>The trailer is known (CRC and length of what came out), so its place within the last slice tells where the member ends.</summary>
    private void EndMember()
    {
        Span<byte> trailer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _length);
        var end = EndOf(trailer, input.Peek(_slices!.LastSlice + trailer.Length + 2));
        if (end < 0)
            throw new NiftiException("gzip", _slices.Exhausted ? "the file is cut off: copy it again" : "a member's checksum or length is wrong, or cut off");

        input.Skip(end);
        _member!.Dispose();
        _member = null;
    }

    /// <summary>
    /// The place just after the trailer; −1 when the trailer is not in the window. An empty member, such as the last one that bgzip writes, has a
    /// trailer of zeros, and zeros before it: so the first place is taken that the file's end or another member follows.
    /// </summary>
    private static int EndOf(ReadOnlySpan<byte> trailer, ReadOnlySpan<byte> window)
    {
        var first = -1;
        for (var end = trailer.Length; end <= window.Length; end++)
        {
            if (!window[..end].EndsWith(trailer))
                continue;
            if (window[end..] is [] or [0x1F, ..])
                return end;
            first = first < 0 ? end : first;
        }

        return first;
    }

    private ReadOnlySpan<byte> Take(int count, ref Crc32 header)
    {
        var bytes = input.Peek(count);
        if (bytes.Length < count)
            throw new NiftiException("gzip", "the stream ends inside a member's header");
        header.Append(bytes);
        input.Skip(count);
        return bytes;
    }

    private void SkipText(ref Crc32 header)
    {
        for (var length = 0; length < MaxHeaderText; length++)
        {
            if (Take(1, ref header)[0] == 0)
                return;
        }

        throw new NiftiException("gzip", $"a name or comment of more than {MaxHeaderText} bytes");
    }

    private sealed class Slices(BufferedInput input) : ForwardStream
    {
        public bool Exhausted { get; private set; }

        public int LastSlice { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            input.Skip(LastSlice);
            var slice = input.Peek(Math.Min(SliceBytes, buffer.Length));
            slice.CopyTo(buffer);
            LastSlice = slice.Length;
            Exhausted = LastSlice == 0;
            return LastSlice;
        }
    }
}
