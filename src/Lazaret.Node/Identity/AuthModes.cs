namespace Lazaret.Node.Identity;

/// <summary>Ways to authenticate, as <c>Auth:Modes</c> names them. Each is also the name of its authentication scheme.</summary>
internal static class AuthModes
{
    /// <summary>API keys.</summary>
    public const string Key = "key";

    /// <summary>Access tokens of the hospital's issuers.</summary>
    public const string Jwt = "jwt";

    /// <summary>Tokens that the node itself issues by SMART Backend Services, and those that CDS Hooks clients sign.</summary>
    public const string Smart = "smart";

    /// <summary>Client certificates.</summary>
    public const string Mtls = "mtls";

    /// <summary>People by the hospital's OpenID provider.</summary>
    public const string Oidc = "oidc";

    /// <summary>People by accounts of this node's.</summary>
    public const string Accounts = "accounts";

    /// <summary>
    /// What the node knows, in the order in which a request is looked at: jwt takes every token that no mode before it recognizes, and a request with a
    /// key or token besides a certificate is judged by the key or token.
    /// </summary>
    public static readonly IReadOnlyList<string> All = [Key, Smart, Jwt, Mtls, Oidc, Accounts];
}
