using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Audit.Chain.Archives;

/// <summary>A file of an archive while it is written. What comes after its last checkpoint is cut off at its end, so that all of it is signed.</summary>
internal sealed class ArchivePart : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _writing;
    private readonly long _first;
    private readonly FileStream _file;
    private long _signed;

    private ArchivePart(string folder, long first)
    {
        (_folder, _first, _writing) = (folder, first, Path.Combine(folder, ".audit.part"));
        _file = new FileStream(_writing, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnFile.Mode, BufferSize = 1 << 16 });
    }

    /// <summary>Up to the last checkpoint.</summary>
    public long SignedBytes { get; private set; }

    public static async Task<ArchivePart> BeginAsync(string folder, long first, byte[] previous, CancellationToken cancellationToken)
    {
        var part = new ArchivePart(folder, first);
        try
        {
            await part.WriteLineAsync(JsonSerializer.Serialize(new ArchiveHead(1, first, Convert.ToHexStringLower(previous))), cancellationToken);
            return part;
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    public Task AddAsync(ArchivedLink link, CancellationToken cancellationToken) => WriteLineAsync(link.Write(), cancellationToken);

    public async Task AddAsync(AuditCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await WriteLineAsync(checkpoint.Write(), cancellationToken);
        (SignedBytes, _signed) = (_file.Position, checkpoint.Number);
    }

    /// <summary>Ends the file after its last checkpoint and gives it its name; null where it has none.</summary>
    public async Task<string?> EndAsync(CancellationToken cancellationToken)
    {
        if (_signed == 0)
            return null;
        await _file.FlushAsync(cancellationToken);
        _file.SetLength(SignedBytes);
        _file.Flush(flushToDisk: true);
        var path = Path.Combine(_folder, NameOf(_first, _signed));
        File.Move(_writing, path);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _file.DisposeAsync();
        }
        finally
        {
            // Also where the disk is full, and closing the file fails.
            File.Delete(_writing);
        }
    }

    /// <summary>The parts of a folder in their order, with their first and last link.</summary>
    public static IReadOnlyList<(string Path, long First, long Last)> In(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "audit-*-*.ndjson").Select(path => (Path: path, Numbers: Path.GetFileNameWithoutExtension(path).Split('-')))
            .Where(part => part.Numbers.Length == 3).Select(part => (part.Path, First: Number(part.Numbers[1]), Last: Number(part.Numbers[2])))
            .Where(part => part is { First: > 0, Last: > 0 }).OrderBy(part => part.First),
    ];

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string NameOf(long first, long last) => string.Create(CultureInfo.InvariantCulture, $"audit-{first:D12}-{last:D12}.ndjson");

    private async Task WriteLineAsync(string line, CancellationToken cancellationToken) => await _file.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
}

/// <summary>The first line of a part.</summary>
/// <param name="Version">Of the format.</param>
/// <param name="From">The number of its first link.</param>
/// <param name="Previous">The hash of the link before.</param>
internal sealed record ArchiveHead(
    [property: JsonPropertyName("lazaret_audit_archive")] int Version,
    [property: JsonPropertyName("from")] long From,
    [property: JsonPropertyName("previous")] string Previous);
