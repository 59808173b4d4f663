using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Identity.People.Provider;

/// <summary>The hospital's OpenID provider, by which people sign in: mode <c>oidc</c>.</summary>
public sealed record OidcOptions
{
    /// <summary>The provider's issuer URL, below which it publishes its configuration; https, or http on this machine.</summary>
    public string Authority { get; init; } = "";

    /// <summary>How people's names begin: <c>NAME/sub</c>. A name stays its provider's: another provider needs another. oidc.</summary>
    public string Name { get; init; } = AuthModes.Oidc;

    /// <summary>The name under which the provider knows this node.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>A file with the node's secret at the provider, which its owner alone may read; empty for a public client.</summary>
    public string ClientSecretFile { get; init; } = "";

    /// <summary>What the node asks the provider for, besides <c>openid</c>. [profile].</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The claim of the ID token that says what somebody is. roles.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>Which value of that claim gives which role. In a value <c>%3A</c> stands for a colon, which configuration keys cannot hold.</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What its tokens must carry as <c>iss</c>, but for a slash at the end (OpenID Connect Discovery, 4.3).</summary>
    internal string Issuer => Authority.TrimEnd('/');

    internal Roles RolesOf(IEnumerable<string> values) => RoleNames.Given(Roles, values);

    internal void Check(OptionFaults faults)
    {
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || authority.Query.Length > 0 || authority.Fragment.Length > 0
            || !(authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(authority.Host))))
            faults.Add("Auth:Oidc:Authority", $"'{Authority}' is no issuer: mode oidc needs one like https://login.hospital.example/realms/staff");
        if (!RequesterDirectory.HasNameForm(Name))
            faults.Add("Auth:Oidc:Name", $"'{Name}' is no name: 1 to 64 letters, digits, '.', '-' or '_'; people are called NAME/sub");
        if (string.IsNullOrWhiteSpace(ClientId))
            faults.Add("Auth:Oidc:ClientId", "is empty: mode oidc needs the name under which the provider knows this node");
        if (string.IsNullOrWhiteSpace(RoleClaim))
            faults.Add("Auth:Oidc:RoleClaim", "is empty: name the claim that says what somebody is");
        if (Roles.Count == 0)
            faults.Add("Auth:Oidc:Roles", "is empty, so that nobody may do anything: set Lazaret:Auth:Oidc:Roles:VALUE=steward for a value of the claim");
        foreach (var role in Roles)
            faults.OneOf($"Auth:Oidc:Roles:{role.Key}", RoleNames.Read(role).Role, [.. RoleNames.All]);
    }
}
