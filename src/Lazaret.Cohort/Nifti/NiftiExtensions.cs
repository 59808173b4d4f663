using System.Buffers.Binary;

namespace Lazaret.Cohort.Nifti;

/// <summary>Walks over header extensions: their sizes are checked, their content is read past and never kept.</summary>
internal static class NiftiExtensions
{
    /// <summary>In a single file extensions end at vox_offset; in a pair, where the .hdr ends.</summary>
    public static void Skip(ByteSource source, NiftiHeader header, ref long position, NiftiLimits limits)
    {
        Span<byte> flag = stackalloc byte[4];
        var read = source.ReadBlock(flag);
        position += read;
        if (read < flag.Length)
        {
            if (header.IsPair)
                return;
            throw new NiftiException("extension", "the file ends right after the header");
        }

        var end = header.IsPair ? limits.HeaderBytes : header.DataOffset;
        if (flag[0] == 0)
            return;
        Span<byte> sizes = stackalloc byte[8];
        while (end - position >= sizes.Length)
        {
            read = source.ReadBlock(sizes);
            position += read;
            if (header.IsPair && read == 0)
                return;
            if (read < sizes.Length)
                throw new NiftiException("esize", "the file ends inside an extension");
            var size = header.IsSwapped != BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadInt32LittleEndian(sizes)
                : BinaryPrimitives.ReadInt32BigEndian(sizes);
            if (size < sizes.Length || size - sizes.Length > end - position)
                throw new NiftiException("esize", $"{size}, expected at least 8 and an end before the voxels and the site's limit");
            SkipBytes(source, size - sizes.Length, "esize");
            position += size - sizes.Length;
        }
    }

    /// <summary>Reads to the end, so that the checksums of a compressed file are compared with all of it.</summary>
    public static void Drain(ByteSource source, long mostBytes, string field)
    {
        Span<byte> scratch = stackalloc byte[4096];
        for (var extra = 0L; ;)
        {
            var read = source.ReadBlock(scratch);
            if (read == 0)
                return;
            extra += read;
            if (extra > mostBytes)
                throw new NiftiException(field, $"more than {mostBytes} bytes follow where the file should end");
        }
    }

    public static void SkipBytes(ByteSource source, long count, string field)
    {
        Span<byte> scratch = stackalloc byte[4096];
        while (count > 0)
        {
            var block = scratch[..(int)Math.Min(count, scratch.Length)];
            if (source.ReadBlock(block) < block.Length)
                throw new NiftiException(field, "points beyond the end of the file");
            count -= block.Length;
        }
    }
}
