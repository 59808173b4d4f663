using System.Buffers.Binary;
using System.Text;

namespace Lazaret.Cohort.Nifti;

/// <summary>What a file is that is met in place of a volume, so that whoever put it there knows at once.</summary>
internal static class ForeignFile
{
    /// <summary>Bytes that are enough to tell.</summary>
    public const int StartBytes = 64;

    /// <summary>Null for a file that is nothing known.</summary>
    public static string? NameOf(ReadOnlySpan<byte> start)
    {
        var text = Encoding.ASCII.GetString(start);
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a pointer of Git LFS in place of the file: fetch it with 'git lfs pull'";
        if (text.Contains("/annex/objects/", StringComparison.Ordinal))
            return "a pointer of git-annex in place of the file: fetch it with 'git annex get' or 'datalad get'";
        if (text.Contains("<GIFTI", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<?xml", StringComparison.Ordinal))
            return "XML, as GIFTI surfaces are: no volume";
        if (start is [0xFF, 0xFF, 0xFE or 0xFF, ..])
            return "a surface of FreeSurfer: no volume";
        if (start.Length >= 28 && BinaryPrimitives.ReadInt32BigEndian(start) == 1 && BinaryPrimitives.ReadInt32BigEndian(start[4..]) is > 0 and < 1 << 16)
            return "a volume of FreeSurfer (.mgh, .mgz): convert it with 'mri_convert IN.mgz OUT.nii.gz'";
        return start is [0x89, (byte)'H', (byte)'D', (byte)'F', ..] ? "HDF5, as MINC 2 is: convert it to NIfTI" : null;
    }
}
