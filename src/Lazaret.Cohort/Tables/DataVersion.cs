using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// A name for what a data view holds: a SHA-256 over its subjects, outcomes and site.yaml, its masks and parcellations, the grid, and the size of each
/// joined volume. Two views of one name answer every query alike, unless a volume was exchanged for another of the same size. It does not depend on
/// the view's path.
/// </summary>
internal static class DataVersion
{
    /// <summary>At most so many bytes of a file are read: more than any table may hold, and more than a mask on a usual grid.</summary>
    private const long MaxBytes = 256 << 20;

    public static string Of(DataView view)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in (string[])[DataView.SubjectsFile, DataView.OutcomesFile, SiteDeclaration.File, .. view.Masks.Order(StringComparer.Ordinal).Select(SiteFiles.MaskFile), .. Parcellations(view)])
        {
            Add(file);
            Add(FileVersion(Path.Combine(view.Directory, file)));
        }

        Add($"{view.Grid}");
        foreach (var row in view.Rows)
        {
            Add(row.SubjectId);
            Add(row.Visit);
            Add(VolumeVersion(row.VolumePath));
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";

        // Each text has its length before it, so that no two lists of texts give the same bytes.
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes($"{text.Length}:{text}\n"));
    }

    private static IEnumerable<string> Parcellations(DataView view) =>
        view.Parcellations.OrderBy(parcellation => parcellation.Name, StringComparer.Ordinal).SelectMany(parcellation => new[] { Parcellation.TableFile(parcellation.Name), Parcellation.VolumeFile(parcellation.Name) });

    /// <summary>A file that does not exist, or may not be read, is a state of the view, too: the view's faults say so.</summary>
    private static string FileVersion(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            var length = file.Length;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 16];
            var left = Math.Min(length, MaxBytes);
            while (left > 0 && file.Read(buffer, 0, (int)Math.Min(buffer.Length, left)) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                left -= read;
            }

            return string.Create(CultureInfo.InvariantCulture, $"{length} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
        }
        catch (Exception e) when (e is RegularFileException or FileNotFoundException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The size of the volume's file, of the file that a link leads to, or of both files of a pair.</summary>
    private static string VolumeVersion(string path)
    {
        try
        {
            var image = NiftiPair.Of(path) is { } pair ? FinalFile.Of(pair.FindImage()).Length : 0;
            return string.Create(CultureInfo.InvariantCulture, $"{FinalFile.Of(path).Length} {image}");
        }
        catch (Exception e) when (e is IOException or NiftiException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
