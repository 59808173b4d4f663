namespace Lazaret.Node.Health;

/// <summary>From when on somebody should look. The rules of <c>deploy/prometheus/alerts.yaml</c> have the same numbers, so that what an alert tells, <c>lazaret doctor</c> finds.</summary>
internal static class Attention
{
    /// <summary>The last backup is so old: a night was missed.</summary>
    public static readonly TimeSpan Backup = TimeSpan.FromHours(36);

    /// <summary>A plain query takes so long.</summary>
    public static readonly TimeSpan Query = TimeSpan.FromSeconds(0.5);

    /// <summary>A certificate has so little left. One that is renewed by a program is new a month before its end.</summary>
    public static readonly TimeSpan Certificate = TimeSpan.FromDays(14);

    /// <summary>New records are sealed under a key of this age.</summary>
    public static readonly TimeSpan Key = TimeSpan.FromDays(400);

    /// <summary>A disk has less than a tenth of its room left, or less than so many bytes.</summary>
    public const long DiskBytes = 1L << 30;

    public static bool IsShort(FreeDisk disk) => disk.Bytes < 0.1 * disk.Total || disk.Bytes < DiskBytes;
}
