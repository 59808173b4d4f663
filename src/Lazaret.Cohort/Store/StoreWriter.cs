using System.Runtime.InteropServices;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Tables;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Cohort.Store;

/// <summary>
/// Writes a store in two passes. The first writes every row to a temporary file, the spill, and finds the columns: the voxels that are not
/// zero in some row. The second writes the matrix.
/// </summary>
/// <param name="force">Whether the volumes that are there are read, whatever the store before has of them.</param>
internal sealed class StoreWriter(DataView view, Grid grid, CohortStore? before, bool force, NiftiLimits? limits, IProgress<IngestProgress>? progress)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _sync = new();
    private readonly CohortRow[] _rows = [.. view.Rows, .. view.Absent.Where(row => before?.Kept(row) is not null)];
    private readonly ulong[] _columns = GridBits.For(grid.Voxels);
    private int _done;
    private int _read;
    private long _bytes;

    /// <summary>Returns how many volumes were read.</summary>
    public int Write(string path, CancellationToken cancellationToken)
    {
        var part = $"{path}.part-{Environment.ProcessId}";
        try
        {
            WritePart(part, cancellationToken);
            File.Move(part, path, overwrite: true);
            return _read;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private void WritePart(string part, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        using var spill = new StoreSpill(part + "-spill");
        var rows = new SpilledRow?[_rows.Length];
        Parallel.For(0, rows.Length, options, () => new Buffers(grid), (index, _, buffers) =>
        {
            rows[index] = Spill(_rows[index], spill, buffers);
            Report();
            return buffers;
        }, _ => { });

        var written = rows.OfType<SpilledRow>().ToArray();
        var head = new StoreHead(grid, GridBits.Positions(_columns), new uint[spill.Bitmaps.Count()], [.. written.Select(row => row.Row)]).Measured();
        using var stream = new FileStream(part, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            PreallocationSize = head.FileBytes,
            UnixCreateMode = Owner,
        });
        var file = stream.SafeFileHandle;
        // The file names subjects. Its group may read it where the group may read the folder, whatever the umask; others may never.
        File.SetUnixFileMode(file, Owner | (File.GetUnixFileMode(Path.GetDirectoryName(part)!) & UnixFileMode.GroupRead));
        var bitmaps = WriteBitmaps(file, head, spill);
        var checksums = WriteMatrix(file, head, spill, written, options);
        head = head with { BitmapChecksums = bitmaps, Rows = [.. written.Zip(checksums, (row, checksum) => row.Row with { Checksum = checksum })] };
        using var start = new MemoryStream();
        head.Write(start);
        RandomAccess.Write(file, start.ToArray(), 0);
        RandomAccess.SetLength(file, head.FileBytes);
        RandomAccess.FlushToDisk(file);
    }

    private SpilledRow? Spill(CohortRow row, StoreSpill spill, Buffers buffers)
    {
        var now = Fingerprint.TryOf(row);
        // A file that is gone takes nothing out of the store: it may come back as it was.
        var known = now is null ? before?.Kept(row) : force ? null : before?.Find(row);
        if ((now ?? known?.Row.Fingerprint) is not { } fingerprint)
            return null;
        var template = new StoreRow(row.SubjectId, row.Visit, fingerprint, 0, -1, 0, null);
        int finite;
        if (known is not null && (now is null || known.Row.Wrong != SubjectVolume.Unreadable))
        {
            if (known.MatrixRow < 0)
                return new SpilledRow(template with { Wrong = known.Row.Wrong }, 0);
            finite = Restore(before!, known, buffers);
        }
        else
        {
            Interlocked.Increment(ref _read);
            Interlocked.Add(ref _bytes, fingerprint.Bytes);
            var (_, wrong) = SubjectVolume.Read(row.VolumePath, grid, limits, reader => Fill(reader, buffers.Volume));
            if (wrong is not null)
                return new SpilledRow(template with { Wrong = wrong }, 0);
            finite = GridBits.Clean(buffers.Volume, buffers.Finite, buffers.Nonzero);
        }

        // Counted as a person who could be asked about, but never with a score, one such volume would keep every answer about all from leaving.
        if (finite == 0)
            return new SpilledRow(template with { Wrong = SubjectVolume.NothingFinite }, 0);
        var packed = buffers.Packed.AsSpan(0, GridBits.Count(buffers.Nonzero));
        GridBits.Pack(buffers.Volume, buffers.Nonzero, packed);
        lock (_sync)
        {
            for (var word = 0; word < _columns.Length; word++)
                _columns[word] |= buffers.Nonzero[word];
        }

        var bitmap = finite == grid.Voxels ? -1 : spill.AddBitmap(buffers.Finite);
        return new SpilledRow(template with { FiniteVoxels = finite, Bitmap = bitmap }, spill.Add(buffers.Nonzero, packed));
    }

    /// <summary>Reads all voxels, and then asks for one more, which must not be there: the reader checks gzip's checksums only when it reaches the end.</summary>
    private static bool Fill(NiftiReader reader, Span<float> volume)
    {
        while (!volume.IsEmpty)
            volume = volume[reader.Read(volume)..];
        return reader.Read(stackalloc float[1]) == 0;
    }

    private static unsafe int Restore(CohortStore store, CohortStore.Entry entry, Buffers buffers)
    {
        Array.Clear(buffers.Values);
        var values = store.Values(entry);
        var columns = store.Columns;
        for (var column = 0; column < columns.Length; column++)
            buffers.Values[columns[column]] = values[column];
        GridBits.Clean(buffers.Volume, buffers.Finite, buffers.Nonzero);
        store.FiniteBits(entry).CopyTo(MemoryMarshal.AsBytes(buffers.Finite.AsSpan()));
        return entry.Row.FiniteVoxels;
    }

    private uint[] WriteBitmaps(SafeFileHandle file, StoreHead head, StoreSpill spill)
    {
        var bits = GridBits.For(grid.Voxels);
        var checksums = new List<uint>();
        foreach (var offset in spill.Bitmaps)
        {
            spill.Read(offset, bits);
            var bytes = MemoryMarshal.AsBytes(bits.AsSpan());
            RandomAccess.Write(file, bytes, head.BitmapsOffset + (long)checksums.Count * head.BitmapBytes);
            checksums.Add(Crc32.Of(bytes));
        }

        return [.. checksums];
    }

    private uint[] WriteMatrix(SafeFileHandle file, StoreHead head, StoreSpill spill, SpilledRow[] rows, ParallelOptions options)
    {
        var checksums = new uint[rows.Length];
        var matrixRows = new int[rows.Length];
        for (int i = 0, next = 0; i < rows.Length; i++)
            matrixRows[i] = rows[i].Row.Wrong is null ? next++ : -1;
        Parallel.For(0, rows.Length, options, () => new Buffers(grid), (index, _, buffers) =>
        {
            if (matrixRows[index] < 0)
                return buffers;
            spill.Read(rows[index].Offset, buffers.Nonzero, buffers.Packed);
            var row = buffers.Values.AsSpan(0, (int)head.Stride);
            row.Clear();
            GridBits.Spread(buffers.Packed, buffers.Nonzero, _columns, row);
            var bytes = MemoryMarshal.AsBytes(row);
            RandomAccess.Write(file, bytes, head.MatrixOffset + (long)matrixRows[index] * bytes.Length);
            var order = buffers.Order.AsSpan(0, head.Columns.Length);
            ValueOrder.Of(row[..head.Columns.Length], order);
            RandomAccess.Write(file, MemoryMarshal.AsBytes(order), head.OrdersOffset + (long)matrixRows[index] * bytes.Length);
            checksums[index] = StoreRow.ChecksumOf(bytes, MemoryMarshal.AsBytes(order));
            return buffers;
        }, _ => { });
        return checksums;
    }

    private void Report()
    {
        if (progress is null)
            return;
        // One at a time, so that a bar never goes back.
        lock (_sync)
            progress.Report(new IngestProgress(++_done, _rows.Length, _read, Interlocked.Read(ref _bytes)));
    }

    /// <param name="Offset">In the spill.</param>
    private sealed record SpilledRow(StoreRow Row, long Offset);

    private sealed class Buffers(Grid grid)
    {
        private uint[]? _order;

        /// <summary>A row of the matrix is padded to 16 values.</summary>
        public float[] Values { get; } = new float[(grid.Voxels + 15) / 16 * 16];

        public Span<float> Volume => Values.AsSpan(0, Packed.Length);

        public uint[] Order => _order ??= new uint[Packed.Length];

        public float[] Packed { get; } = new float[grid.Voxels];

        public ulong[] Finite { get; } = GridBits.For(grid.Voxels);

        public ulong[] Nonzero { get; } = GridBits.For(grid.Voxels);
    }
}
