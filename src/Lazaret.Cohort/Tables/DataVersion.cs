using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// A name for what a data view holds: a SHA-256 over its tables and site.yaml, its masks, and the size of each joined volume. Two views of one
/// name answer every query alike, unless a volume was exchanged for another of the same size. It does not depend on where the view lies.
/// </summary>
internal static class DataVersion
{
    public static string Of(DataView view)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in (string[])["subjects.csv", "outcomes.csv", "site.yaml"])
        {
            var path = Path.Combine(view.Directory, file);
            Add(file);
            if (File.Exists(path))
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }

        foreach (var mask in view.Masks.Order(StringComparer.Ordinal))
        {
            Add(mask);
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(view.MaskPath(mask))));
        }

        foreach (var row in view.Rows)
        {
            Add(row.SubjectId);
            Add(row.Visit);
            Add(new FileInfo(row.VolumePath) is { Exists: true, Length: var length } ? length.ToString(CultureInfo.InvariantCulture) : "");
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";

        // With its length, so that no two lists of texts read the same.
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes($"{text.Length}:{text}\n"));
    }
}
