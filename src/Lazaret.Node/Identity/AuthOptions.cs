using Lazaret.Node.Configuration;
using Lazaret.Node.Identity.Certificates;

namespace Lazaret.Node.Identity;

/// <summary>How requesters prove who they are.</summary>
public sealed record AuthOptions
{
    /// <summary>Ways to authenticate; with none, the node listens on loopback addresses only. []; any of key, mtls.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    public MtlsOptions Mtls { get; init; } = new();

    /// <summary>Whether everybody must say who they are.</summary>
    internal bool IsOn => Modes.Count > 0;

    internal void Check(OptionFaults faults)
    {
        foreach (var mode in Modes)
            faults.OneOf("Auth:Modes", mode, [.. AuthModes.All]);
        if (Modes.Distinct(StringComparer.Ordinal).Count() < Modes.Count)
            faults.Add("Auth:Modes", "names a mode twice");
        Mtls.Check(faults, Modes.Contains(AuthModes.Mtls));
    }
}
