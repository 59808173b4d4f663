using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort.Files;
using Lazaret.Node.Images;
using Lazaret.Node.Images.Oci;

namespace Lazaret.Node.Backups;

/// <summary>
/// A backup's file: a tar archive of <c>manifest.json</c>, <c>database</c>, what belongs to registered programs, and at its end <c>SHA256SUMS</c> over all files
/// before, as sha256sum reads it. A stranger may have made it.
/// </summary>
internal static class BackupArchive
{
    public const string Manifest = "manifest.json";
    public const string Database = "database";
    public const string Sums = "SHA256SUMS";

    private const int MaxManifest = 16 << 20;
    private const int MaxSums = 256 << 20;
    private const int MaxMetadata = 1 << 20;
    private const int PaddingAndHeaders = 1 << 12;

    /// <summary>Up to the end of tar's own mark.</summary>
    private const int HeadBytes = 262;

    private const string NotOurs = "it is no backup of Lazaret's, or is damaged";

    private static ReadOnlySpan<byte> SqliteMagic => "SQLite format 3\0"u8;

    /// <summary>Whether the file is SQLite's own, which backups were before there were archives.</summary>
    /// <exception cref="IOException">It cannot be read, or is no regular file.</exception>
    public static bool IsPlainDatabase(string file)
    {
        using var stream = RegularFile.Open(file);
        Span<byte> head = stackalloc byte[SqliteMagic.Length];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(SqliteMagic);
    }

    /// <summary>The members in their order; the data of each is there until the next. Nothing of it counts before <see cref="Verify"/> found the whole sound.</summary>
    /// <exception cref="InvalidDataException">It is no archive.</exception>
    public static IEnumerable<TarEntry> Read(string file)
    {
        using var stream = RegularFile.Open(file);
        var head = new byte[HeadBytes];
        if (ForeignName(head.AsSpan(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false))) is { } foreign)
            throw new InvalidDataException(foreign);
        stream.Position = 0;
        using var content = new MeteredStream(stream, "it is no archive that Lazaret writes");
        using var reader = new TarReader(content);
        while (true)
        {
            content.Limit = content.Count + MaxMetadata;
            if (TarFault.Guard(() => reader.GetNextEntry(), NotOurs) is not { } entry)
            {
                RequireEnd(content);
                yield break;
            }

            content.Limit = content.Count + entry.Length + PaddingAndHeaders;
            yield return entry;
            // The reader would pass over the rest only when it looks for the next header.
            entry.DataStream?.CopyTo(Stream.Null);
        }
    }

    /// <summary>The data of the database's member.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static Stream OpenDatabase(string file)
    {
        var members = Read(file).GetEnumerator();
        while (members.MoveNext())
        {
            if (members.Current is { Name: Database, DataStream: { } data })
                return new MemberStream(data, members);
        }

        members.Dispose();
        throw NoBackup();
    }

    /// <summary>How long that is.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static long DatabaseLength(string file)
    {
        // While the archive is open: an entry is nothing without it.
        foreach (var entry in Read(file))
        {
            if (entry.Name == Database)
                return entry.Length;
        }

        throw NoBackup();
    }

    /// <summary>Reads all of it, and compares every file with its digest.</summary>
    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public static BackupManifest Verify(string file)
    {
        BackupManifest? manifest = null;
        string? listed = null;
        var found = new StringBuilder();
        foreach (var entry in Read(file))
        {
            if (listed is not null)
                throw new InvalidDataException($"it goes on after {Sums}");
            if (entry.Name == Sums)
                listed = entry.Length <= MaxSums ? Encoding.UTF8.GetString(ReadAll(entry)) : throw NoBackup();
            else if (manifest is null)
                manifest = entry.Name == Manifest && entry.Length <= MaxManifest ? BackupManifest.Parse(ReadAll(entry, found)) : throw NoBackup();
            else if (entry.EntryType == TarEntryType.RegularFile)
                found.Append(Line(entry.Name, SHA256.HashData(entry.DataStream ?? Stream.Null)));
        }

        if (listed is null)
            throw new InvalidDataException(manifest is null ? "it is no backup of Lazaret's" : "it is cut off: its end is missing");
        if (found.ToString() is var sums && sums != listed)
            throw new InvalidDataException($"it is damaged: {FirstDifference(sums, listed)} is not what was written");
        return manifest!;
    }

    /// <summary>A line of <see cref="Sums"/>. sha256sum begins lines with a backslash whose names hold one or a line's end.</summary>
    public static string Line(string name, ReadOnlySpan<byte> digest)
    {
        var escaped = name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return $"{(escaped == name ? "" : @"\")}{Convert.ToHexStringLower(digest)}  {escaped}\n";
    }

    private static byte[] ReadAll(TarEntry entry, StringBuilder? sums = null)
    {
        using var bytes = new MemoryStream();
        entry.DataStream?.CopyTo(bytes);
        sums?.Append(Line(entry.Name, SHA256.HashData(bytes.ToArray())));
        return bytes.ToArray();
    }

    private static string FirstDifference(string found, string listed)
    {
        var (here, there) = (found.Split('\n'), listed.Split('\n'));
        var line = here.Zip(there).FirstOrDefault(pair => pair.First != pair.Second).First ?? "the list of its files";
        return PlainText.Line(line.Split("  ", 2)[^1]);
    }

    // An archive ends with zeros. What stands behind them has no digest.
    private static void RequireEnd(Stream content)
    {
        var rest = new byte[PaddingAndHeaders];
        while (content.Read(rest) is > 0 and var read)
        {
            if (rest.AsSpan(0, read).ContainsAnyExcept((byte)0))
                throw new InvalidDataException("it goes on after its end");
        }
    }

    private static string? ForeignName(ReadOnlySpan<byte> head) =>
        Utf8Text.IsGzip(head) ? "it is compressed by gzip: unpack it with gunzip"
        : head.StartsWith("PGDMP"u8) ? "it is a dump by PostgreSQL's pg_dump, and no backup of Lazaret's"
        : head.EndsWith("ustar"u8) ? null : NotOurs;

    private static InvalidDataException NoBackup() => new(NotOurs);

    /// <summary>A member's data, which closes the archive with it.</summary>
    private sealed class MemberStream(Stream inner, IDisposable archive) : ReadOnlyStream(inner)
    {
        private readonly Stream _inner = inner;

        public override int Read(Span<byte> buffer) => _inner.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
                archive.Dispose();
        }
    }
}
