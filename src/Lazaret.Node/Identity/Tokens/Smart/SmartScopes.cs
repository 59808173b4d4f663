namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>
/// The scopes of the node's own access tokens, in SMART's first syntax (<c>.read</c>) and its second (<c>.rs</c>, <c>.r</c>). A diagnosis reads a
/// Library with data that the request brings, and answers with a GuidanceResponse: no scope writes anything, and the node has no other resources.
/// </summary>
internal static class SmartScopes
{
    public const string Library = "Library";
    public const string GuidanceResponse = "GuidanceResponse";

    private const string Begin = "system/";
    private const string Every = "*";

    private static readonly IReadOnlyList<string> Resources = [Library, GuidanceResponse];
    private static readonly IReadOnlyList<string> Reading = ["read", "rs", "r"];

    public static readonly IReadOnlyList<string> Supported =
        [.. from resource in (IEnumerable<string>)[.. Resources, Every] from reading in Reading select $"{Begin}{resource}.{reading}"];

    /// <summary>What is granted of scopes that were asked for: a wildcard becomes the resources that there are. Null when one is unknown, or none was asked for.</summary>
    public static IReadOnlyList<string>? Grant(string? asked)
    {
        var scopes = (asked ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return scopes.Length > 0 && scopes.All(Supported.Contains)
            ? [.. scopes.SelectMany(scope => ResourcesOf(scope).Select(resource => $"{Begin}{resource}{scope[scope.IndexOf('.', StringComparison.Ordinal)..]}")).Distinct(StringComparer.Ordinal)]
            : null;
    }

    /// <summary>The resources that a scope which was granted opens.</summary>
    public static IEnumerable<string> ResourcesOf(string scope) =>
        Resources.Where(resource => scope.StartsWith($"{Begin}{resource}.", StringComparison.Ordinal) || scope.StartsWith($"{Begin}{Every}.", StringComparison.Ordinal));
}
