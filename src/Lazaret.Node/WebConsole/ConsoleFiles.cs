using System.Reflection;
using System.Security.Cryptography;
using Lazaret.Node.Identity.People.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole;

/// <summary>The console's own files.</summary>
internal static class ConsoleFiles
{
    private const string PackedViewer = "viewer.js.gz";

    private static readonly PageFile StyleFile = new("console.css", "text/css");
    private static readonly PageFile ScriptFile = new("console.js", "text/javascript");
    private static readonly PageFile QuestionFile = new("question.js", "text/javascript");

    public static string Style { get; } = $"/console/files/console.css?v={StyleFile.Digest}";

    public static string Script { get; } = $"/console/files/console.js?v={ScriptFile.Digest}";

    /// <summary>The script of the form of a question.</summary>
    public static string Question { get; } = $"/console/files/question.js?v={QuestionFile.Digest}";

    /// <summary>The map viewer's script; null in a node that was built without npm.</summary>
    public static string? Viewer { get; } = OpenViewer() is { } packed ? $"/console/files/viewer.js?v={DigestOf(packed)}" : null;

    public static FileContentHttpResult SendStyle(HttpContext http) => StyleFile.SendToKeep(http);

    public static FileContentHttpResult SendScript(HttpContext http) => ScriptFile.SendToKeep(http);

    public static FileContentHttpResult SendQuestion(HttpContext http) => QuestionFile.SendToKeep(http);

    public static Results<FileStreamHttpResult, NotFound> SendViewer(HttpContext http)
    {
        if (OpenViewer() is not { } packed)
            return TypedResults.NotFound();
        http.Response.Headers.CacheControl = PageFile.Kept;
        http.Response.Headers.ContentEncoding = "gzip";
        return TypedResults.Stream(packed, "text/javascript; charset=utf-8");
    }

    private static Stream? OpenViewer() => Assembly.GetExecutingAssembly().GetManifestResourceStream(PackedViewer);

    private static string DigestOf(Stream packed)
    {
        using (packed)
            return Convert.ToHexStringLower(SHA256.HashData(packed))[..16];
    }
}
