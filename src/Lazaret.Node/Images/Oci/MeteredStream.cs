using System.Security.Cryptography;

namespace Lazaret.Node.Images.Oci;

/// <summary>Counts and hashes what is read through it, and refuses to pass a limit.</summary>
/// <param name="excess">What is said then.</param>
internal sealed class MeteredStream(Stream inner, string excess) : ReadOnlyStream(inner)
{
    private readonly Stream _inner = inner;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The bytes read so far.</summary>
    public long Count { get; private set; }

    /// <summary>How far <see cref="Count"/> may go.</summary>
    public long Limit { get; set; }

    /// <summary>Whether a reader may pass over bytes, which are then neither counted nor hashed.</summary>
    public bool MayPassOver { get; init; }

    /// <summary>Told the count after every read; throws where that is too much.</summary>
    public Action<long>? Check { get; init; }

    /// <summary>Of everything read so far.</summary>
    public string Digest => "sha256:" + Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override bool CanSeek => MayPassOver;

    public override int Read(Span<byte> buffer)
    {
        // One byte over the limit tells an end that lies on it from one that lies beyond.
        if (buffer.Length > Limit - Count)
            buffer = buffer[..(int)(Limit - Count + 1)];
        var read = _inner.Read(buffer);
        if ((Count += read) > Limit)
            throw new InvalidDataException(excess);
        _hash.AppendData(buffer[..read]);
        Check?.Invoke(Count);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
