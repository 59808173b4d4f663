using Lazaret.Node.Configuration;
using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>An issuer of access tokens that the site trusts.</summary>
public sealed record JwtIssuerOptions
{
    /// <summary>How requesters' names begin: <c>NAME/sub</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>What its tokens carry as <c>iss</c>.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What its tokens for this node carry in <c>aud</c>.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Its keys (a JWK set): a file, or an https address. Empty: as <see cref="Authority"/> says.</summary>
    public string Jwks { get; init; } = "";

    /// <summary>The https address below which <c>/.well-known/openid-configuration</c> says where its keys are.</summary>
    public string Authority { get; init; } = "";

    /// <summary>Whether only tokens of the type <c>at+jwt</c> (RFC 9068) are taken. false; many issuers write <c>JWT</c>.</summary>
    public bool TypedOnly { get; init; }

    /// <summary>Which scope gives which role. In a scope's name <c>%3A</c> stands for a colon, which configuration keys cannot hold.</summary>
    public IReadOnlyDictionary<string, string> Scopes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The roles that these scopes give.</summary>
    internal Roles RolesOf(IEnumerable<string> scopes) => RoleNames.Given(Scopes, scopes);

    internal void Check(OptionFaults faults, string at)
    {
        if (!RequesterDirectory.HasNameForm(Name))
            faults.Add($"{at}:Name", $"'{Name}' is no name: 1 to 64 letters, digits, '.', '-' or '_'; requesters are called NAME/sub");
        if (Issuer.Length == 0)
            faults.Add($"{at}:Issuer", "is empty: set what the tokens carry as iss");
        if (Audience.Length == 0)
            faults.Add($"{at}:Audience", "is empty: set what the tokens for this node carry in aud");
        if (Jwks.Length == 0 == (Authority.Length == 0))
            faults.Add($"{at}:Jwks", "set either Jwks, a file or an https address, or Authority");
        if (KeyAddress.LooksLikeOne(Jwks) && KeyAddress.Read(Jwks) is null)
            faults.Add($"{at}:Jwks", KeyAddress.Wanted);
        if (Authority.Length > 0 && KeyAddress.Read(Authority) is null)
            faults.Add($"{at}:Authority", KeyAddress.Wanted);
        foreach (var scope in Scopes)
            faults.OneOf($"{at}:Scopes:{scope.Key}", RoleNames.Read(scope).Role, [.. RoleNames.All]);
    }
}
