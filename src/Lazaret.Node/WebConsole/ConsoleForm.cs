using Lazaret.Node.Http.Bodies;

namespace Lazaret.Node.WebConsole;

/// <summary>A small form of one of the console's pages.</summary>
internal static class ConsoleForm
{
    private const long MostBytes = 256 << 10;

    /// <summary>Its fields; none where something else came, or too much of it.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request) =>
        request.HasFormContentType && request.ContentLength is <= MostBytes && await request.ReadSmallFormAsync() is { } form ? form : FormCollection.Empty;
}
