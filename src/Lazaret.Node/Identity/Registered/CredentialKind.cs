namespace Lazaret.Node.Identity.Registered;

/// <summary>What proves that somebody is a registered requester.</summary>
public enum CredentialKind
{
    /// <summary>An API key: looked up by its public part, stored as the SHA-256 of its secret part.</summary>
    Key,

    /// <summary>A client certificate: looked up by the SHA-256 of its DER form, in hexadecimal digits.</summary>
    Certificate,

    /// <summary>Client certificates of a subject: looked up by the subject's distinguished name.</summary>
    CertificateSubject,

    /// <summary>Keys of a client of SMART Backend Services: looked up by its client id, which is its requester's name, stored as a JWK set or as the URL of one.</summary>
    JsonWebKeys,

    /// <summary>Keys of a CDS Hooks client: looked up by what its tokens carry as <c>iss</c>, stored as <see cref="JsonWebKeys"/> are.</summary>
    CdsIssuer,
}

/// <summary>Kinds of credentials in words.</summary>
public static class CredentialKinds
{
    public static string WordsOf(CredentialKind kind) => kind switch
    {
        CredentialKind.Key => "API key",
        CredentialKind.Certificate => "certificate",
        CredentialKind.CertificateSubject => "certificate subject",
        CredentialKind.JsonWebKeys => "SMART client",
        CredentialKind.CdsIssuer => "CDS Hooks client",
        _ => throw new InvalidOperationException($"unknown kind {kind}"),
    };
}
