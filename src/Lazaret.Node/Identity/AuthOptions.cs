using Lazaret.Node.Configuration;

namespace Lazaret.Node.Identity;

/// <summary>How requesters prove who they are.</summary>
public sealed record AuthOptions
{
    /// <summary>Ways to authenticate; with none, the node listens on loopback addresses only. []; [].</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    internal void Check(OptionFaults faults)
    {
        if (Modes.Count > 0)
            faults.Add("Auth:Modes", $"'{string.Join(", ", Modes)}' is not available in this version: leave it empty and put the node on a loopback address");
    }
}
