using Lazaret.Cohort.Files;

namespace Lazaret.Cohort.Nifti;

/// <summary>The bytes of a volume's file, inflated when the file is gzip by its first two bytes, whatever its name.</summary>
internal sealed class ByteSource : IDisposable
{
    /// <summary>The highest ratio that deflate can reach: 258 bytes from two bits. A header that announces more data than this is false, and no byte needs to be inflated to know it.</summary>
    private const int MaxInflation = 1032;

    private readonly BufferedInput _input;
    private readonly GzipInput? _gzip;

    private ByteSource(BufferedInput input, GzipInput? gzip, long mostBytes) => (_input, _gzip, MostBytes) = (input, gzip, mostBytes);

    /// <summary>The most bytes that the file can give: exact for a plain file, an upper limit for a compressed one.</summary>
    public long MostBytes { get; }

    public static ByteSource Open(string path)
    {
        try
        {
            var file = RegularFile.Open(path);
            try
            {
                if (file.Length > 0)
                    return Open(file);
            }
            catch
            {
                file.Dispose();
                throw;
            }

            file.Dispose();
        }
        catch (RegularFileException)
        {
        }

        throw new NiftiException("file", "empty, or no regular file");
    }

    public static ByteSource Open(Stream stream)
    {
        long? length = stream.CanSeek ? stream.Length - stream.Position : null;
        var input = new BufferedInput(stream);
        var isGzip = input.Peek(2) is [0x1F, 0x8B];
        return new ByteSource(input, isGzip ? new GzipInput(input) : null, length is not { } bytes ? long.MaxValue : isGzip ? bytes * MaxInflation : bytes);
    }

    /// <summary>Fills the target unless the bytes end first; returns how many came.</summary>
    public int ReadBlock(Span<byte> target)
    {
        var count = 0;
        while (count < target.Length)
        {
            var read = _gzip is null ? _input.Read(target[count..]) : _gzip.Read(target[count..]);
            if (read == 0)
                break;
            count += read;
        }

        return count;
    }

    public void Dispose()
    {
        _gzip?.Dispose();
        _input.Dispose();
    }
}
