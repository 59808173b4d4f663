using System.Buffers.Binary;
using System.Text;

namespace Lazaret.Cohort.Nifti;

/// <summary>What a file is that is met in place of a volume or a table, so that whoever put it there knows at once.</summary>
internal static class ForeignFile
{
    /// <summary>Bytes that are enough to tell: DICOM begins after 128 that are free.</summary>
    public const int StartBytes = 132;

    /// <param name="start">The file, or its beginning.</param>
    /// <returns>Null for a file that is nothing known.</returns>
    public static string? NameOf(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, StartBytes)];
        var text = Encoding.ASCII.GetString(start);
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a pointer of Git LFS in place of the file: fetch it with 'git lfs pull'";
        // A path alone: what only names such a file, as a table or site.yaml may, has more in its line.
        if (text.Split('\n')[0] is var line && line.Contains("/annex/objects/", StringComparison.Ordinal) && line.AsSpan().IndexOfAny(" ,;\t\"") < 0)
            return "a pointer of git-annex in place of the file: fetch it with 'git annex get' or 'datalad get'";
        if (text.Contains("<GIFTI", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<?xml", StringComparison.Ordinal))
            return "XML, as GIFTI surfaces are: no volume";
        if (text.TrimStart().StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.TrimStart().StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return "a page of the web in place of the file, as a download without a login gives it";
        if (text.StartsWith("#!ascii label", StringComparison.Ordinal) || IsAnnotation(start))
            return "labels of a surface's vertices (FreeSurfer's .label, .annot): no volume";
        if (text.Contains("-attribute\nname", StringComparison.Ordinal))
            return "a header of AFNI: convert it with '3dAFNItoNIFTI'";
        if (start is [0xFF, 0xFF, 0xFE or 0xFF, ..])
            return "a surface of FreeSurfer: no volume";
        if (start.Length >= 28 && BinaryPrimitives.ReadInt32BigEndian(start) == 1 && BinaryPrimitives.ReadInt32BigEndian(start[4..]) is > 0 and < 1 << 16)
            return "a volume of FreeSurfer (.mgh, .mgz): convert it with 'mri_convert IN.mgz OUT.nii.gz'";
        if (text.Length >= StartBytes && text.EndsWith("DICM", StringComparison.Ordinal))
            return "DICOM: convert it to NIfTI, as dcm2niix does";
        return start switch
        {
            [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "HDF5, as MINC 2 is, and transformations of ITK: convert it to NIfTI, if it is a volume",
            [(byte)'C', (byte)'D', (byte)'F', 1 or 2, ..] => "NetCDF, as MINC 1 is: convert it to NIfTI",
            [(byte)'N', (byte)'R', (byte)'R', (byte)'D', ..] => "NRRD: convert it to NIfTI",
            [(byte)'m', (byte)'r', (byte)'t', (byte)'r', (byte)'i', (byte)'x', (byte)' ', (byte)'i', ..] => "an image of MRtrix: convert it with 'mrconvert IN.mif OUT.nii.gz'",
            [(byte)'m', (byte)'r', (byte)'t', (byte)'r', (byte)'i', (byte)'x', (byte)' ', (byte)'t', ..] or [(byte)'T', (byte)'R', (byte)'A', (byte)'C', (byte)'K', 0, ..] => "streamlines of tractography: no volume",
            [(byte)'M', (byte)'A', (byte)'T', (byte)'L', (byte)'A', (byte)'B', ..] => "a file of MATLAB: write the volume as NIfTI (niftiwrite)",
            [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => "an array of NumPy, which has no grid: write the volume as NIfTI (nibabel)",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', ..] or [0xFF, 0xD8, 0xFF, ..] => "a picture or document: no volume",
            [(byte)'P', (byte)'K', 3, 4, ..] => "a zip archive, as Excel's workbooks are: unpack it, or save the workbook as CSV",
            [(byte)'B', (byte)'Z', (byte)'h', ..] => "compressed by bzip2: of compressed files only gzip is read",
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => "compressed by xz: of compressed files only gzip is read",
            [0x28, 0xB5, 0x2F, 0xFD, ..] => "compressed by zstd: of compressed files only gzip is read",
            _ => null,
        };
    }

    // A count, and then each vertex' number with its label, from vertex 0 on.
    private static bool IsAnnotation(ReadOnlySpan<byte> start)
    {
        for (var vertex = 0; vertex < 4; vertex++)
        {
            if (start.Length < 8 * (vertex + 1) || BinaryPrimitives.ReadInt32BigEndian(start[(4 + (8 * vertex))..]) != vertex)
                return false;
        }

        return BinaryPrimitives.ReadInt32BigEndian(start) > 3;
    }
}
