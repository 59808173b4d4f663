using System.Net.Sockets;
using System.Text;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Audit.Chain.Copies;

/// <summary>Copies of checkpoints outside the database: a file that only grows, and the machine's syslog.</summary>
internal sealed class CheckpointCopies(StateFolder state, AuditOptions options, ILogger<CheckpointCopies> logger)
{
    private const string Setting = "Lazaret:Audit:CheckpointFile";
    // Facility 13 (log audit), severity 5 (notice): RFC 5424, 6.2.1.
    private const int Priority = (13 * 8) + 5;

    /// <summary>The line that a restore leaves: checkpoints above it may be of a database that is gone.</summary>
    private const string Restored = """{"restored":true}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Outage _writing = new(logger, "Checkpoints of the audit are in the database, but their copies cannot be written to their file");
    private readonly Outage _sending = new(logger, "Checkpoints of the audit are in the database, but their copies cannot be sent to the syslog");

    /// <summary>Where the machine's syslog listens.</summary>
    public string Syslog { get; init; } = "/dev/log";

    /// <summary>Null where none is kept.</summary>
    public string? File { get; } = options.CheckpointFile.Length == 0 ? null : Path.Combine(state.Root, options.CheckpointFile);

    /// <summary>A failure is logged: the checkpoint is in the database all the same, and in the other copy.</summary>
    public void Add(AuditCheckpoint checkpoint)
    {
        var line = checkpoint.Write();
        Try(_writing, () => AppendLine(line));
        if (options.CheckpointSyslog)
            Try(_sending, () => Send(line));
    }

    public void Add(CheckpointStamp stamp) => AppendLine(stamp.Write());

    /// <summary>Notes that another database is in place now.</summary>
    public void NoteRestore()
    {
        if (File is not null && System.IO.File.Exists(File))
            AppendLine(Restored);
    }

    /// <summary>Those of this database. Lines that are none, as the last one may be after kill -9, are passed over.</summary>
    /// <exception cref="InputException">Another user may have written the file.</exception>
    public IReadOnlyList<AuditCheckpoint> Read()
    {
        if (File is null || OwnFile.OpenRead(File, Setting) is not { } handle)
            return [];
        var kept = new List<AuditCheckpoint>();
        using var file = new FileStream(handle, FileAccess.Read);
        foreach (var line in Lines(file))
        {
            if (line == Restored)
                kept.Clear();
            else
                Take(line, kept);
        }

        return kept;
    }

    /// <summary>All of a file that somebody kept elsewhere.</summary>
    /// <exception cref="InputException">A line is no checkpoint, or the file cannot be read.</exception>
    public static IReadOnlyList<AuditCheckpoint> Read(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            var all = Lines(file).ToList();
            var checkpoints = new List<AuditCheckpoint>();
            for (var i = 0; i < all.Count; i++)
            {
                // Such as a line that was cut short when it was copied.
                if (!Take(all[i], checkpoints) && all[i].Length > 0 && all[i] != Restored)
                    throw new InputException($"{path}:{i + 1}: is no checkpoint");
            }

            return checkpoints.Count > 0 ? checkpoints : throw new InputException($"{path}: holds no checkpoint");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: {e.Message}");
        }
    }

    private static bool Take(string line, List<AuditCheckpoint> kept)
    {
        if (CheckpointText.Read(line) is { } checkpoint)
        {
            kept.Add(checkpoint);
            return true;
        }

        if (CheckpointStamp.Read(line) is not { } stamp)
            return false;
        if (kept.FindLast(earlier => earlier.Number == stamp.Number) is { } stamped)
            stamped.Stamp = stamp.Token;
        return true;
    }

    private static IEnumerable<string> Lines(Stream file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            yield return line.Trim();
    }

    private static void Try(Outage outage, Action copy)
    {
        try
        {
            copy();
            outage.Passed();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or MissingException)
        {
            outage.Failed(e);
        }
    }

    private void AppendLine(string line)
    {
        if (File is null)
            return;
        // One process at a time: those of a site share the state folder.
        using var file = OwnFile.TryLock(File, Patience, Setting) ?? throw new IOException($"{File} is locked by another process");
        // A line that was cut off by kill -9 must not swallow this one.
        var isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.ASCII.GetBytes($"{(isTorn ? "\n" : "")}{line}\n"));
        file.Flush(flushToDisk: true);
    }

    private void Send(string line)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Syslog));
        socket.Send(Encoding.ASCII.GetBytes($"<{Priority}>lazaret: audit checkpoint {line}"));
    }
}
