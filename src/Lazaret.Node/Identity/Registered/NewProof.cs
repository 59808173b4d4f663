namespace Lazaret.Node.Identity.Registered;

/// <summary>By what a requester is to prove who they are.</summary>
/// <param name="Until">When it ends by itself, as a certificate does.</param>
/// <param name="Printed">What is shown to whoever makes it: a key, this once, or by what a certificate is found; nothing of a client's public keys.</param>
internal sealed record NewProof(CredentialKind Kind, string Lookup, byte[] Content, DateTimeOffset? Until, string? Printed)
{
    /// <summary>Whether it is of tokens that the requester signs.</summary>
    public bool IsKeySet => Kind is CredentialKind.JsonWebKeys or CredentialKind.CdsIssuer;

    /// <summary>The authentication mode that takes it.</summary>
    public string Mode => Kind == CredentialKind.Key ? AuthModes.Key : IsKeySet ? AuthModes.Smart : AuthModes.Mtls;

    public static NewProof MakeKey()
    {
        var (key, text) = ApiKey.Make();
        return new NewProof(CredentialKind.Key, key.Prefix, key.Hash, null, text);
    }

    /// <summary>The earlier of two ends.</summary>
    public DateTimeOffset? EndsBy(DateTimeOffset? asked) => asked is null || Until < asked ? Until : asked;
}
