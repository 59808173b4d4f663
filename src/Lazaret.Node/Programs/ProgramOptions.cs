using Lazaret.Node.Configuration;
using Lazaret.Node.Images;

namespace Lazaret.Node.Programs;

/// <summary>Which visiting programs may be registered: models, and analyses too.</summary>
public sealed record ProgramOptions
{
    /// <summary>PEM files with the ECDSA P-256 public keys whose signatures count. []; paths.</summary>
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];

    /// <summary>Whether a model without a signature by a trusted key is refused. false; true or false.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>The largest image, unpacked, in MiB. 8192; 1 to 1048576.</summary>
    public int MaxImageMiB { get; init; } = 8192;

    internal ImageLimits ImageLimits => new() { Bytes = (long)MaxImageMiB << 20 };

    internal void Check(OptionFaults faults)
    {
        faults.Range("Models:MaxImageMiB", MaxImageMiB, 1, 1 << 20);
        foreach (var path in TrustedKeys.Where(path => !File.Exists(path)))
            faults.Add("Models:TrustedKeys", $"there is no file {path}");
        if (RequireSignature && TrustedKeys.Count == 0)
            faults.Add("Models:RequireSignature", "is set, but Lazaret:Models:TrustedKeys names no key");
    }
}
