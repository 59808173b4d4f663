using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;

namespace Lazaret.Node.Receipts;

/// <summary>A receipt as a Five Safes RO-Crate (https://w3id.org/5s-crate/0.4): a BagIt folder in a zip, with the receipt, the key that signed it, and what a machine can read of both.</summary>
internal static class ReceiptCrate
{
    private const string Payload = "data/";

    public static byte[] Write(SignedReceipt signed, SigningKey key)
    {
        var receipt = signed.Receipt;
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [$"{Payload}{CrateMetadata.File}"] = CrateMetadata.Write(receipt),
            [$"{Payload}{CrateMetadata.ReceiptFile}"] = signed.Write(),
            [$"{Payload}{CrateMetadata.KeysFile}"] = JsonSerializer.SerializeToUtf8Bytes(new NodeKeys([NodeKey.Of(key)])),
        };
        var tags = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["bagit.txt"] = Encoding.ASCII.GetBytes("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
            ["bag-info.txt"] = Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"External-Identifier: urn:uuid:{receipt.JobId}\nBagging-Date: {receipt.ReleasedAt.UtcDateTime:yyyy-MM-dd}\nPayload-Oxum: {files.Values.Sum(file => file.Length)}.{files.Count}\n")),
            ["manifest-sha512.txt"] = Manifest(files),
        };
        tags["tagmanifest-sha512.txt"] = Manifest(tags);

        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in tags.Concat(files))
            {
                var entry = archive.CreateEntry($"receipt-{receipt.JobId}/{name}");
                entry.LastWriteTime = receipt.ReleasedAt.ToUniversalTime();
                using var stream = entry.Open();
                stream.Write(bytes);
            }
        }

        return zip.ToArray();
    }

    // RFC 8493, 2.1.3.
    private static byte[] Manifest(Dictionary<string, byte[]> files) =>
        Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{Convert.ToHexStringLower(SHA512.HashData(file.Value))}  {file.Key}\n")));
}
