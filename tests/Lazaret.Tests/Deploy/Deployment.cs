namespace Lazaret.Tests.Deploy;

/// <summary>The files of <c>deploy/</c>.</summary>
internal static class Deployment
{
    public static string Folder { get; } = Repository.File("deploy");

    public static string Read(params ReadOnlySpan<string> path) => File.ReadAllText(Path.Combine([Folder, .. path]));

    /// <summary>The lines <c>NAME=VALUE</c> of an environment file, those included that are there to be uncommented.</summary>
    public static IReadOnlyDictionary<string, string> Environment(params ReadOnlySpan<string> path) => Read(path).Split('\n')
        .Select(line => line.TrimStart('#', ' ').Split('=', 2))
        .Where(parts => parts.Length == 2 && parts[0].Length > 0 && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        .ToDictionary(parts => parts[0], parts => parts[1].Trim('"', '\''), StringComparer.Ordinal);
}
