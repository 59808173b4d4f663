using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Keys;

/// <summary>
/// Encrypts what is stored, a record at a time: AES-256-GCM under a data key of the record's own, which is wrapped by a key of the
/// ring, again with AES-256-GCM. Both bind the header and the record's place.
/// <code>
/// header   1 format, 1 length of the key's id, the key's id
/// key      12 nonce, 32 wrapped data key, 16 tag
/// content  12 nonce, n ciphertext, 16 tag
/// </code>
/// </summary>
public sealed class RecordSeal(CurrentKeyRing rings)
{
    private const byte Format = 1;
    private const int Key = 32;
    private const int Nonce = 12;
    private const int Tag = 16;

    public byte[] Seal(ReadOnlySpan<byte> plain, RecordPlace place)
    {
        var primary = rings.Get().Primary;
        var header = Header(primary.Id);
        var bound = place.Bind(header);
        var sealedRecord = new byte[header.Length + Box(Key) + Box(plain.Length)];
        header.CopyTo(sealedRecord, 0);
        var wrapped = sealedRecord.AsSpan(header.Length, Box(Key));
        var content = sealedRecord.AsSpan(header.Length + Box(Key));

        Span<byte> dataKey = stackalloc byte[Key];
        try
        {
            RandomNumberGenerator.Fill(dataKey);
            Encrypt(primary.Secret, dataKey, wrapped, bound);
            Encrypt(dataKey, plain, content, bound);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }

        return sealedRecord;
    }

    /// <exception cref="SealException">It was not sealed here, not for this place, or under a key that is not available.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedRecord, RecordPlace place)
    {
        if (sealedRecord.Length < 2 || sealedRecord[0] != Format || sealedRecord.Length < 2 + sealedRecord[1] + Box(Key) + Box(0))
            throw new SealException(place, "it is no sealed record");
        var header = sealedRecord[..(2 + sealedRecord[1])];
        var id = Encoding.UTF8.GetString(header[2..]);
        if (!KeyRing.IsId(id))
            throw new SealException(place, "it is no sealed record");
        return Open(rings.Find(id) ?? throw new SealException(place, $"its key '{id}' is not in the key ring"), header, sealedRecord, place);
    }

    /// <summary>Whether this key opens a record that names it.</summary>
    internal static bool Opens(RingKey key, byte[] sealedRecord, RecordPlace place)
    {
        try
        {
            Open(key, Header(key.Id), sealedRecord, place);
            return true;
        }
        catch (Exception e) when (e is SealException or ArgumentException)
        {
            // The latter: it is cut short.
            return false;
        }
    }

    private static byte[] Open(RingKey key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> sealedRecord, RecordPlace place)
    {
        var bound = place.Bind(header);
        var wrapped = sealedRecord.Slice(header.Length, Box(Key));
        var content = sealedRecord[(header.Length + Box(Key))..];

        Span<byte> dataKey = stackalloc byte[Key];
        try
        {
            Decrypt(key.Secret, wrapped, dataKey, bound);
            var plain = new byte[content.Length - Box(0)];
            Decrypt(dataKey, content, plain, bound);
            return plain;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new SealException(place, $"key '{key.Id}' does not open it: it was changed, moved, or sealed under another key of that id", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>The bytes that every record sealed under this key begins with, and no other record does.</summary>
    internal static byte[] Header(string keyId) => [Format, checked((byte)keyId.Length), .. Encoding.ASCII.GetBytes(keyId)];

    private static int Box(int length) => Nonce + length + Tag;

    private static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, Span<byte> box, ReadOnlySpan<byte> bound)
    {
        RandomNumberGenerator.Fill(box[..Nonce]);
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(box[..Nonce], plain, box[Nonce..^Tag], box[^Tag..], bound);
    }

    private static void Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, Span<byte> plain, ReadOnlySpan<byte> bound)
    {
        using var aes = new AesGcm(key, Tag);
        aes.Decrypt(box[..Nonce], box[Nonce..^Tag], box[^Tag..], plain, bound);
    }
}
