using Lazaret.Node.Configuration;

namespace Lazaret.Node.Models;

/// <summary>Which models may be registered.</summary>
public sealed record ModelOptions
{
    /// <summary>PEM files with the ECDSA P-256 public keys whose signatures count. []; paths.</summary>
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];

    /// <summary>Whether a model without a signature by a trusted key is refused. false; true or false.</summary>
    public bool RequireSignature { get; init; }

    internal void Check(OptionFaults faults)
    {
        foreach (var path in TrustedKeys.Where(path => !File.Exists(path)))
            faults.Add("Models:TrustedKeys", $"there is no file {path}");
        if (RequireSignature && TrustedKeys.Count == 0)
            faults.Add("Models:RequireSignature", "is set, but Lazaret:Models:TrustedKeys names no key");
    }
}
