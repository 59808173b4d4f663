using System.Runtime.InteropServices;
using System.Text;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Store;

/// <summary>
/// Tells whether a row's volume is the one that was read. The name is part of it: volumes of equal size unpacked in the same second
/// may change places in paths.csv.
/// </summary>
/// <param name="Name">Checksum of <see cref="CohortRow.VolumeName"/>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Fingerprint(long Bytes, long ChangedTicks, uint Name)
{
    /// <summary>Null when the file, or its other half, has gone.</summary>
    public static Fingerprint? TryOf(CohortRow row)
    {
        try
        {
            return Of(row);
        }
        catch (Exception exception) when (exception is IOException or NiftiException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static uint NameOf(CohortRow row) => Crc32.Of(Encoding.UTF8.GetBytes(row.VolumeName));

    private static Fingerprint Of(CohortRow row)
    {
        var file = FinalFile.Of(row.VolumePath);
        var fingerprint = new Fingerprint(file.Length, file.LastWriteTimeUtc.Ticks, NameOf(row));
        if (NiftiPair.Of(row.VolumePath) is not { } pair)
            return fingerprint;
        // Either file of a pair may change alone.
        var image = FinalFile.Of(pair.FindImage());
        return fingerprint with { Bytes = fingerprint.Bytes + image.Length, ChangedTicks = fingerprint.ChangedTicks * 31 + image.LastWriteTimeUtc.Ticks };
    }
}
