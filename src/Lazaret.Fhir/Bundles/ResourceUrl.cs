namespace Lazaret.Fhir.Bundles;

/// <summary>A RESTful address of a resource: <c>Type/id</c>, with or without the root of its server.</summary>
/// <param name="Root">Null in a relative one.</param>
internal sealed record ResourceUrl(string? Root, string Type, string Id)
{
    private const string History = "/_history/";

    /// <summary>Null for what is none.</summary>
    public static ResourceUrl? Parse(string? text)
    {
        if (text is null || text.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) || text.Split('/') is not [.. var root, var type, { Length: > 0 } id]
            || type.Length == 0 || !type.All(char.IsAsciiLetter) || !char.IsAsciiLetterUpper(type[0]))
        {
            return null;
        }

        return root.Length switch
        {
            0 => new ResourceUrl(null, type, id),
            > 2 when text.Contains("://", StringComparison.Ordinal) => new ResourceUrl(string.Join('/', root), type, id),
            _ => null,
        };
    }

    public static string WithoutVersion(string text) => text.IndexOf(History, StringComparison.Ordinal) is > 0 and var end ? text[..end] : text;

    /// <summary>A root as it is compared: a server is the same under http and https, and with a slash at its end.</summary>
    public static string? ServerOf(string? root) =>
        Uri.TryCreate(root, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? $"{uri.IdnHost}:{(uri.IsDefaultPort ? "" : uri.Port)}{uri.AbsolutePath.TrimEnd('/')}" : root;
}
