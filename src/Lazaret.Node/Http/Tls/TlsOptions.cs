using Lazaret.Node.Configuration;

namespace Lazaret.Node.Http.Tls;

/// <summary>The certificate by which clients recognize the node, for every https address that it listens on.</summary>
public sealed record TlsOptions
{
    /// <summary>The file of the certificate: PEM, with the certificates between it and its authority after it, or a PFX, which holds the key as well. Empty; a path.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>The PEM file of its private key, which its owner alone may read. Empty: the key is in the certificate's file. A path.</summary>
    public string Key { get; init; } = "";

    /// <summary>The password of an encrypted key or PFX. Empty for none.</summary>
    public string Password { get; init; } = "";

    internal bool IsSet => Certificate.Length > 0;

    internal void Check(OptionFaults faults)
    {
        if (Key.Length > 0 && Certificate.Length == 0)
            faults.Add("Tls:Certificate", "is empty, and Lazaret:Tls:Key is set: name the file of the certificate that the key is for");
    }
}
