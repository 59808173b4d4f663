using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole;

/// <summary>The console's own files, which are part of the program. Their addresses change with their content, so that browsers may keep them.</summary>
internal static class ConsoleFiles
{
    private const string Kept = "public, max-age=31536000, immutable";

    private static readonly Dictionary<string, (byte[] Bytes, string Digest)> Files = new(StringComparer.Ordinal) { ["console.css"] = Read("console.css"), ["console.js"] = Read("console.js") };

    public static string Style { get; } = AddressOf("console.css");

    public static string Script { get; } = AddressOf("console.js");

    public static FileContentHttpResult SendStyle(HttpContext http) => Send(http, "console.css", "text/css; charset=utf-8");

    public static FileContentHttpResult SendScript(HttpContext http) => Send(http, "console.js", "text/javascript; charset=utf-8");

    private static FileContentHttpResult Send(HttpContext http, string name, string mediaType)
    {
        http.Response.Headers.CacheControl = Kept;
        return TypedResults.File(Files[name].Bytes, mediaType);
    }

    private static string AddressOf(string name) => $"/console/files/{name}?v={Files[name].Digest}";

    private static (byte[] Bytes, string Digest) Read(string name)
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return (bytes.ToArray(), Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))[..16]);
    }
}
