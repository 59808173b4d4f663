using Lazaret.Node.Identity.People.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole;

/// <summary>The console's own files.</summary>
internal static class ConsoleFiles
{
    private static readonly PageFile StyleFile = new("console.css", "text/css");
    private static readonly PageFile ScriptFile = new("console.js", "text/javascript");

    public static string Style { get; } = $"/console/files/console.css?v={StyleFile.Digest}";

    public static string Script { get; } = $"/console/files/console.js?v={ScriptFile.Digest}";

    public static FileContentHttpResult SendStyle(HttpContext http) => StyleFile.SendToKeep(http);

    public static FileContentHttpResult SendScript(HttpContext http) => ScriptFile.SendToKeep(http);
}
