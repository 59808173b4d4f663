using Lazaret.Node.Configuration;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>Whose client certificates count, in mode <c>mtls</c>.</summary>
public sealed record MtlsOptions
{
    /// <summary>The PEM file of the authorities that issue requesters' certificates, each up to its root; the system's own are not trusted. Empty; a path.</summary>
    public string Authorities { get; init; } = "";

    /// <summary>The files of the authorities' revocation lists (CRL), PEM or DER, read again when they change. []; with none, revocations by an authority are not looked at.</summary>
    public IReadOnlyList<string> Crl { get; init; } = [];

    internal void Check(OptionFaults faults, bool isOn)
    {
        if (isOn && Authorities.Length == 0)
            faults.Add("Auth:Mtls:Authorities", "is empty, and Lazaret:Auth:Modes has mtls: name the PEM file of the authorities that issue requesters' certificates");
        if (Crl.Any(string.IsNullOrWhiteSpace))
            faults.Add("Auth:Mtls:Crl", "names an empty path");
    }
}
