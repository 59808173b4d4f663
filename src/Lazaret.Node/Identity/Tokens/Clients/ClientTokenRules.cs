using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Identity.Tokens.Clients;

/// <summary>What a token must be that a registered client has signed itself.</summary>
/// <param name="Kind">How its client is registered: its <c>iss</c> is looked up.</param>
/// <param name="Audiences">Its <c>aud</c> must be one of these.</param>
/// <param name="Algorithms">Its algorithm must be one of these.</param>
/// <param name="SubjectIsIssuer">Whether <c>sub</c> must be there, the same as <c>iss</c>.</param>
internal sealed record ClientTokenRules(CredentialKind Kind, IReadOnlyList<string> Audiences, IReadOnlyList<string> Algorithms, bool SubjectIsIssuer)
{
    /// <summary>https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html</summary>
    /// <param name="tokenEndpoint">Its address, as clients know it.</param>
    public static ClientTokenRules Smart(string tokenEndpoint) => new(CredentialKind.JsonWebKeys, [tokenEndpoint], TokenAlgorithms.Smart, SubjectIsIssuer: true);

    /// <summary>https://cds-hooks.hl7.org/2.0/#trusting-cds-clients</summary>
    /// <param name="called">The addresses that the token may be meant for.</param>
    public static ClientTokenRules CdsHooks(IReadOnlyList<string> called) => new(CredentialKind.CdsIssuer, called, TokenAlgorithms.All, SubjectIsIssuer: false);
}
