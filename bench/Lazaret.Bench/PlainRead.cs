using System.IO.MemoryMappedFiles;
using System.Runtime.Intrinsics;

namespace Lazaret.Bench;

/// <summary>The limit: every byte of a mapped file goes through a register once, on all cores, and nothing is done with it but a sum.</summary>
internal sealed unsafe class PlainRead : IDisposable
{
    private const long Block = 4 << 20;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _map;
    private readonly byte* _bytes;

    public PlainRead(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _map = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _map.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
        Length = new FileInfo(path).Length / 64 * 64;
    }

    public long Length { get; }

    public ulong Run()
    {
        var total = 0UL;
        Parallel.For(0, (Length + Block - 1) / Block, block =>
        {
            Vector256<ulong> a = default, b = default;
            var end = Math.Min(Length, (block + 1) * Block);
            for (var at = block * Block; at < end; at += 64)
            {
                a += Vector256.Load((ulong*)(_bytes + at));
                b += Vector256.Load((ulong*)(_bytes + at + 32));
            }

            Interlocked.Add(ref total, Vector256.Sum(a + b));
        });
        return total;
    }

    public void Dispose()
    {
        _map.SafeMemoryMappedViewHandle.ReleasePointer();
        _map.Dispose();
        _file.Dispose();
    }
}
