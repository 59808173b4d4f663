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

    /// <summary>Keys of a client that signs tokens: looked up by its client id, stored as a JWK set or as the URL of one.</summary>
    JsonWebKeys,
}
