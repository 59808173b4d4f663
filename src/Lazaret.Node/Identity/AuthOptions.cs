using Lazaret.Node.Configuration;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Provider;

namespace Lazaret.Node.Identity;

/// <summary>How requesters prove who they are.</summary>
public sealed record AuthOptions
{
    /// <summary>Ways to authenticate; with none, the node listens on loopback addresses only. []; any of key, oidc, accounts.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    public OidcOptions Oidc { get; init; } = new();

    public BrowserSessionOptions Session { get; init; } = new();

    /// <summary>Whether people sign in, in a browser.</summary>
    internal bool HasPeople => Modes.Contains(AuthModes.Oidc) || Modes.Contains(AuthModes.Accounts);

    /// <summary>Whether everybody must say who they are.</summary>
    internal bool IsOn => Modes.Count > 0;

    internal void Check(OptionFaults faults)
    {
        foreach (var mode in Modes)
            faults.OneOf("Auth:Modes", mode, [.. AuthModes.All]);
        if (Modes.Distinct(StringComparer.Ordinal).Count() < Modes.Count)
            faults.Add("Auth:Modes", "names a mode twice");
        if (Modes.Contains(AuthModes.Oidc))
            Oidc.Check(faults);
        Session.Check(faults);
    }
}
