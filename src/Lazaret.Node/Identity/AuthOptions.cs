using Lazaret.Node.Configuration;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Provider;
using Lazaret.Node.Identity.Tokens;

namespace Lazaret.Node.Identity;

/// <summary>How requesters prove who they are.</summary>
public sealed record AuthOptions
{
    /// <summary>Ways to authenticate; with none, the node listens on loopback addresses only. []; any of key, smart, jwt, mtls, oidc, accounts.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    public JwtOptions Jwt { get; init; } = new();

    public MtlsOptions Mtls { get; init; } = new();

    public OidcOptions Oidc { get; init; } = new();

    public BrowserSessionOptions Session { get; init; } = new();

    /// <summary>Whether people sign in, in a browser.</summary>
    internal bool HasPeople => Takes(AuthModes.Oidc) || Takes(AuthModes.Accounts);

    /// <summary>The issuers whose people and programs this node knows as <c>NAME/SUBJECT</c>, with the setting of the name.</summary>
    internal IEnumerable<(string Setting, string Name, string Issuer)> Issuers => Jwt.Issuers.Select((issuer, i) => ($"Lazaret:Auth:Jwt:Issuers:{i}:Name", issuer.Name, issuer.Issuer))
        .Concat(Oidc.Authority.Length > 0 ? [("Lazaret:Auth:Oidc:Name", Oidc.Name, Oidc.Issuer)] : []);

    /// <summary>Whether everybody must say who they are.</summary>
    internal bool IsOn => Modes.Count > 0;

    /// <param name="mode">One of <see cref="AuthModes"/>.</param>
    internal bool Takes(string mode) => Modes.Contains(mode, StringComparer.Ordinal);

    internal void Check(OptionFaults faults)
    {
        foreach (var mode in Modes)
            faults.OneOf("Auth:Modes", mode, [.. AuthModes.All]);
        if (Modes.Distinct(StringComparer.Ordinal).Count() < Modes.Count)
            faults.Add("Auth:Modes", "names a mode twice");
        Mtls.Check(faults, Takes(AuthModes.Mtls));
        Jwt.Check(faults, Takes(AuthModes.Jwt));
        if (Takes(AuthModes.Oidc))
            Oidc.Check(faults);
        for (var i = 0; i < Jwt.Issuers.Count; i++)
        {
            if (Jwt.Issuers[i].Name.Equals(Oidc.Name, StringComparison.OrdinalIgnoreCase))
                faults.Add($"Auth:Jwt:Issuers:{i}:Name", $"'{Oidc.Name}' is the name of the provider's people (Lazaret:Auth:Oidc:Name): give another one");
        }

        Session.Check(faults);
    }
}
