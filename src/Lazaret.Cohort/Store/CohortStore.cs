using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Store;

/// <summary>
/// All volumes of a view as one matrix, mapped into memory and never loaded: one row per subject at a visit, one column per voxel that is
/// not zero in all of them. Values that are not finite are 0, and bitmaps say where they were. Any number of jobs may use it at once.
/// </summary>
public sealed unsafe class CohortStore : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _map;
    private readonly byte* _bytes;
    private readonly StoreHead _head;
    private readonly Dictionary<(string SubjectId, string Visit), Entry> _entries = [];

    private CohortStore(FileStream file)
    {
        _head = StoreHead.Read(file);
        _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _map = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _map.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
        var matrixRow = 0;
        foreach (var row in _head.Rows)
            _entries.Add((row.SubjectId, row.Visit), new Entry(row, row.Wrong is null ? matrixRow++ : -1));
    }

    public Grid Grid => _head.Grid;

    /// <summary>Rows with a usable volume.</summary>
    public int Rows => _head.MatrixRows;

    /// <summary>The voxel of each column, increasing.</summary>
    internal int[] Columns => _head.Columns;

    internal int MatrixBytesPerRow => checked((int)(_head.Stride * sizeof(float)));

    /// <summary>Checks the head and the size; <see cref="Verify"/> checks the matrix too.</summary>
    /// <exception cref="StoreException">It is missing, of another version, or damaged.</exception>
    public static CohortStore Open(string path)
    {
        FileStream file;
        try
        {
            file = RegularFile.Open(path);
        }
        catch (FileNotFoundException)
        {
            throw new StoreException("missing");
        }
        catch (RegularFileException)
        {
            throw new StoreException("another kind of file");
        }

        try
        {
            return new CohortStore(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads everything once and compares it with its checksums.</summary>
    /// <exception cref="StoreException">A row or bitmap is damaged.</exception>
    public void Verify(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _head.BitmapChecksums.Count; i++)
        {
            if (Crc32.Of(Bitmap(i)) != _head.BitmapChecksums[i])
                throw new StoreException("damaged: the checksum of a bitmap is wrong");
        }

        var options = new ParallelOptions { CancellationToken = cancellationToken };
        var check = Parallel.ForEach(_entries.Values.Where(entry => entry.MatrixRow >= 0), options, (entry, state) =>
        {
            if (!IsSound(entry))
                state.Stop();
        });
        if (!check.IsCompleted)
            throw new StoreException("damaged: the checksum of a row is wrong");
    }

    /// <summary>
    /// True when the store holds these rows, on this grid, and no volume has changed since, nor become readable. Beside them it may hold rows whose volumes are not
    /// there: they stay until their lines are taken out of the tables, so that a disk that is not mounted for a while costs nothing.
    /// </summary>
    public bool IsCurrent(DataView view) =>
        view.Grid is { } grid && grid == Grid
        && view.Rows.All(row => Fingerprint.TryOf(row) is not { } now || (EntryOf(row) is { } entry && entry.Row.Fingerprint == now && !IsReadableNow(row, entry)))
        && view.Rows.Concat(view.Absent).Count(row => Kept(row) is not null) == _entries.Count;

    /// <summary>Whether it holds the row's volume, whatever has become of the file.</summary>
    public bool Holds(CohortRow row) => Kept(row) is { Row.Wrong: null };

    /// <summary>What it has of a row's volume; and why that cannot be used, where it cannot.</summary>
    public (VolumeState State, Fault? Fault) StateOf(CohortRow row) =>
        EntryOf(row) is not { } entry ? (VolumeState.New, null)
        : Fingerprint.TryOf(row) != entry.Row.Fingerprint ? (VolumeState.Stale, null)
        : FaultOf(row) is { } fault ? (VolumeState.Unusable, fault)
        : (VolumeState.Read, null);

    public void Dispose()
    {
        _map.SafeMemoryMappedViewHandle.ReleasePointer();
        _map.Dispose();
        _file.Dispose();
    }

    /// <summary>Null when the store does not have the row, or has it from a file that changed since.</summary>
    internal Entry? Find(CohortRow row) =>
        EntryOf(row) is { } entry && Fingerprint.TryOf(row) == entry.Row.Fingerprint ? entry : null;

    /// <summary>What it has of a row's volume, whether the file is as it was or gone; null when it has nothing, or that of a file of another name.</summary>
    internal Entry? Kept(CohortRow row) => EntryOf(row) is { } entry && entry.Row.Fingerprint.Name == Fingerprint.NameOf(row) ? entry : null;

    /// <summary>Why the row's volume could not be used; null when it could, or is not known.</summary>
    internal Fault? FaultOf(CohortRow row) =>
        EntryOf(row) is { Row.Wrong: { } wrong }
            ? new Fault(DataView.PathsFile, row.PathsLine, 0, wrong)
            : null;

    private Entry? EntryOf(CohortRow row) => _entries.GetValueOrDefault((row.SubjectId, row.Visit));

    /// <summary>Whoever may read a file, and whether its disk is well, changes without the file.</summary>
    private bool IsReadableNow(CohortRow row, Entry entry)
    {
        return entry.Row.Wrong == SubjectVolume.Unreadable && SubjectVolume.Read(row.VolumePath, Grid, null, ReadToEnd).Wrong != SubjectVolume.Unreadable;

        static bool ReadToEnd(NiftiReader reader)
        {
            var chunk = new float[16 << 10];
            while (reader.Read(chunk) > 0) { }
            return true;
        }
    }

    private bool IsSound(Entry entry) =>
        StoreRow.ChecksumOf(new ReadOnlySpan<byte>(Values(entry), MatrixBytesPerRow), MemoryMarshal.AsBytes(Order(entry))) == entry.Row.Checksum;

    internal float* Values(Entry entry) => (float*)(_bytes + _map.PointerOffset + _head.MatrixOffset + (long)entry.MatrixRow * MatrixBytesPerRow);

    /// <summary>The row's columns by increasing value; what is not finite is among the zeros.</summary>
    internal ReadOnlySpan<uint> Order(Entry entry) =>
        new(_bytes + _map.PointerOffset + _head.OrdersOffset + (long)entry.MatrixRow * MatrixBytesPerRow, Columns.Length);

    /// <summary>One bit per voxel: set where the volume is finite. Empty when it is finite everywhere.</summary>
    internal ReadOnlySpan<byte> FiniteBits(Entry entry) => entry.Row.Bitmap < 0 ? [] : Bitmap(entry.Row.Bitmap);

    /// <summary>One bit per voxel: set where every volume of the view is finite, but for those that are so nowhere. Empty when they are finite everywhere.</summary>
    internal byte[] SharedBits(DataView view)
    {
        byte[] shared = [];
        var bitmaps = view.Rows.Select(row => EntryOf(row)?.Row.Bitmap ?? -1).Where(index => index >= 0).Distinct();
        foreach (var bits in bitmaps.Select(index => Bitmap(index).ToArray()).Where(bits => bits.AsSpan().ContainsAnyExcept((byte)0)))
            shared = shared.Length == 0 ? bits : [.. shared.Zip(bits, (a, b) => (byte)(a & b))];
        return shared;
    }

    private ReadOnlySpan<byte> Bitmap(int index) =>
        new(_bytes + _map.PointerOffset + _head.BitmapsOffset + (long)index * _head.BitmapBytes, _head.BitmapBytes);

    /// <param name="MatrixRow">−1 for a volume that could not be used.</param>
    internal sealed record Entry(StoreRow Row, int MatrixRow);
}
