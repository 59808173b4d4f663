namespace Lazaret.Node.Identity;

/// <summary>Ways to authenticate, as <c>Auth:Modes</c> names them. Each is also the name of its authentication scheme.</summary>
internal static class AuthModes
{
    /// <summary>API keys.</summary>
    public const string Key = "key";

    /// <summary>People by the hospital's OpenID provider.</summary>
    public const string Oidc = "oidc";

    /// <summary>People by accounts of this node's.</summary>
    public const string Accounts = "accounts";

    /// <summary>What the node knows, in the order in which a request is looked at.</summary>
    public static readonly IReadOnlyList<string> All = [Key, Oidc, Accounts];
}
