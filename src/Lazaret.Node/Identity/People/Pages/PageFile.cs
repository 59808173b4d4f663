using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>A stylesheet or script of the node's pages, which is part of the program.</summary>
internal sealed class PageFile
{
    /// <summary>What a browser may do with a file at an address that changes with its content.</summary>
    public const string Kept = "public, max-age=31536000, immutable";

    private readonly byte[] _bytes;
    private readonly string _mediaType;

    public PageFile(string name, string mediaType)
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        (_bytes, _mediaType) = (bytes.ToArray(), $"{mediaType}; charset=utf-8");
        Digest = Convert.ToHexStringLower(SHA256.HashData(_bytes))[..16];
    }

    /// <summary>Changes with its content.</summary>
    public string Digest { get; }

    public FileContentHttpResult Send() => TypedResults.File(_bytes, _mediaType);

    /// <summary>At an address that changes with its content: a browser may keep it.</summary>
    public FileContentHttpResult SendToKeep(HttpContext http)
    {
        http.Response.Headers.CacheControl = Kept;
        return Send();
    }
}
