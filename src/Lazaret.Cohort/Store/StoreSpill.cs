using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Cohort.Store;

/// <summary>
/// Where rows wait until all are read, since only then the columns are known: each as the bits of its voxels that are not zero and
/// their values. It is a file, so that memory does not grow with the cohort.
/// </summary>
internal sealed class StoreSpill(string path) : IDisposable
{
    private readonly FileStream _stream = new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Options = FileOptions.DeleteOnClose,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private readonly Dictionary<string, (int Index, long Offset)> _bitmaps = new(StringComparer.Ordinal);
    private readonly Lock _sync = new();
    private long _end;

    private SafeFileHandle File => _stream.SafeFileHandle;

    /// <summary>Where the different bitmaps lie, in the order of their indices.</summary>
    public IEnumerable<long> Bitmaps => _bitmaps.Values.OrderBy(bitmap => bitmap.Index).Select(bitmap => bitmap.Offset);

    /// <summary>Returns where the row lies.</summary>
    public long Add(ReadOnlySpan<ulong> nonzero, ReadOnlySpan<float> packed)
    {
        var bits = MemoryMarshal.AsBytes(nonzero);
        var values = MemoryMarshal.AsBytes(packed);
        var offset = Interlocked.Add(ref _end, bits.Length + values.Length) - bits.Length - values.Length;
        RandomAccess.Write(File, bits, offset);
        RandomAccess.Write(File, values, offset + bits.Length);
        return offset;
    }

    /// <summary>Returns the index of the bitmap; most volumes of a site share one, which is kept once.</summary>
    public int AddBitmap(ReadOnlySpan<ulong> finite)
    {
        var key = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(finite)));
        lock (_sync)
        {
            if (!_bitmaps.TryGetValue(key, out var bitmap))
                _bitmaps[key] = bitmap = (_bitmaps.Count, Add(finite, []));
            return bitmap.Index;
        }
    }

    public void Read(long offset, Span<ulong> bits) => Fill(MemoryMarshal.AsBytes(bits), offset);

    public void Read(long offset, Span<ulong> nonzero, Span<float> packed)
    {
        Read(offset, nonzero);
        Fill(MemoryMarshal.AsBytes(packed[..GridBits.Count(nonzero)]), offset + MemoryMarshal.AsBytes(nonzero).Length);
    }

    public void Dispose() => _stream.Dispose();

    private void Fill(Span<byte> target, long offset)
    {
        for (int read; !target.IsEmpty; target = target[read..], offset += read)
        {
            read = RandomAccess.Read(File, target, offset);
            if (read == 0)
                throw new EndOfStreamException("The spill of the cohort store ended early.");
        }
    }
}
