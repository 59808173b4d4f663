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
        Session.Check(faults);
    }
}
