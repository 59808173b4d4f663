using System.Text.Json.Serialization;

namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>RFC 6749, 5.1.</summary>
internal sealed record AccessTokenBody(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    string Scope);

/// <summary>RFC 6749, 5.2.</summary>
internal sealed record OAuthError(string Error, [property: JsonPropertyName("error_description")] string Description);

/// <summary>What a client sends to the token endpoint.</summary>
internal sealed record TokenRequestBody(
    [property: JsonPropertyName("grant_type")] string GrantType,
    string Scope,
    [property: JsonPropertyName("client_assertion_type")] string ClientAssertionType,
    [property: JsonPropertyName("client_assertion")] string ClientAssertion);

/// <summary>https://hl7.org/fhir/smart-app-launch/conformance.html</summary>
internal sealed record SmartConfiguration(
    [property: JsonPropertyName("token_endpoint")] string TokenEndpoint,
    [property: JsonPropertyName("grant_types_supported")] IReadOnlyList<string> GrantTypes,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] IReadOnlyList<string> AuthMethods,
    [property: JsonPropertyName("token_endpoint_auth_signing_alg_values_supported")] IReadOnlyList<string> SigningAlgorithms,
    [property: JsonPropertyName("scopes_supported")] IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Capabilities)
{
    public static SmartConfiguration Of(string root) => new(
        root + SmartMode.TokenPath, ["client_credentials"], ["private_key_jwt"], TokenAlgorithms.Smart, SmartScopes.Supported, ["client-confidential-asymmetric", "permission-v1", "permission-v2"]);
}
