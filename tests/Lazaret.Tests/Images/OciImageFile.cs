using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.Images;

/// <summary>Writes OCI layouts, good ones and, where a test says so, others.</summary>
public sealed class OciImageFile(string folder)
{
    public const string Gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string Zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string Plain = "application/vnd.oci.image.layer.v1.tar";

    private readonly JsonArray _layers = [];
    private readonly JsonArray _contentDigests = [];

    public string Folder => folder;

    public string Architecture { get; init; } = "amd64";

    public string[] Environment { get; init; } = [];

    /// <summary>Of the image's manifest.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>What <c>index.json</c> says of the manifest, for a test to change.</summary>
    public JsonObject Descriptor { get; private set; } = [];

    public OciImageFile Layer(params TarEntry[] entries) => Layer(Tar(entries));

    public OciImageFile Layer(byte[] tar, string mediaType = Gzip, Action<JsonObject>? change = null)
    {
        var blob = mediaType switch
        {
            _ when mediaType.EndsWith("gzip", StringComparison.Ordinal) => Compress(tar),
            Zstd => CompressZstd(tar),
            _ => tar,
        };
        var descriptor = Blob(blob, mediaType);
        change?.Invoke(descriptor);
        _layers.Add(descriptor);
        _contentDigests.Add(DigestOf(tar));
        return this;
    }

    public string Write(Action<JsonObject>? changeManifest = null, Action<JsonObject>? changeConfiguration = null)
    {
        var configuration = new JsonObject
        {
            ["os"] = "linux",
            ["architecture"] = Architecture,
            ["config"] = new JsonObject { ["Env"] = new JsonArray([.. Environment.Select(text => (JsonNode)text)]), ["Entrypoint"] = new JsonArray("/other") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = _contentDigests.DeepClone() },
        };
        changeConfiguration?.Invoke(configuration);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = Blob(Bytes(configuration), "application/vnd.oci.image.config.v1+json"),
            ["layers"] = _layers.DeepClone(),
        };
        changeManifest?.Invoke(manifest);
        Descriptor = Blob(Bytes(manifest), "application/vnd.oci.image.manifest.v1+json");
        Digest = (string)Descriptor["digest"]!;
        WriteIndex(Descriptor);
        return folder;
    }

    public void WriteIndex(params JsonNode[] manifests)
    {
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllBytes(Path.Combine(folder, "index.json"), Bytes(Index(manifests)));
    }

    public static JsonObject Index(params JsonNode[] manifests) =>
        new() { ["schemaVersion"] = 2, ["manifests"] = new JsonArray([.. manifests.Select(manifest => manifest.DeepClone())]) };

    /// <summary>Writes a blob and describes it.</summary>
    public JsonObject Blob(byte[] bytes, string mediaType)
    {
        var digest = DigestOf(bytes);
        File.WriteAllBytes(BlobFile(digest), bytes);
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = bytes.Length };
    }

    public string BlobFile(string digest) => Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "blobs/sha256")).FullName, digest["sha256:".Length..]);

    public static TarEntry FileEntry(string name, string content = "", UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserExecute) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode };

    public static TarEntry FolderEntry(string name) => new PaxTarEntry(TarEntryType.Directory, name.TrimEnd('/') + '/');

    public static TarEntry LinkEntry(string name, string target) => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    public static TarEntry HardLinkEntry(string name, string target) => new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target };

    public static byte[] Tar(params IEnumerable<TarEntry> entries)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, leaveOpen: true))
        {
            foreach (var entry in entries)
                writer.WriteEntry(entry);
        }

        return bytes.ToArray();
    }

    public static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return compressed.ToArray();
    }

    public static byte[] CompressZstd(byte[] bytes)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
