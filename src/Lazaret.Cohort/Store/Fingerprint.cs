using System.Runtime.InteropServices;
using System.Text;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Store;

/// <summary>Tells whether a volume's file is the one that was read: its name, size and time of change, wherever the view is mounted.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Fingerprint(long Bytes, long ChangedTicks)
{
    /// <summary>Null when the file, or its other half, has gone.</summary>
    public static Fingerprint? TryOf(string path)
    {
        try
        {
            return Of(path);
        }
        catch (Exception exception) when (exception is IOException or NiftiException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Fingerprint Of(string path)
    {
        var file = new FileInfo(path);
        var fingerprint = new Fingerprint(file.Length, file.LastWriteTimeUtc.Ticks ^ Crc32.Of(Encoding.UTF8.GetBytes(file.Name)));
        if (NiftiPair.Of(path) is not { } pair)
            return fingerprint;
        // Either file of a pair may change alone.
        var image = new FileInfo(pair.FindImage());
        return new Fingerprint(fingerprint.Bytes + image.Length, fingerprint.ChangedTicks * 31 + image.LastWriteTimeUtc.Ticks);
    }
}
