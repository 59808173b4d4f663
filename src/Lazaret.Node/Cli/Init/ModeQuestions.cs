using Lazaret.Node.Identity;

namespace Lazaret.Node.Cli.Init;

/// <summary>The settings that an authentication mode cannot do without, and how a person is asked for them.</summary>
internal static class ModeQuestions
{
    private const string Issuer = "Auth:Jwt:Issuers:0";

    /// <summary>In the order in which they are asked. A name that ends in <c>:*</c> is asked for as the value of a claim that makes somebody an operator.</summary>
    private static readonly (string Mode, string Key, string Question)[] All =
    [
        (AuthModes.Mtls, "Auth:Mtls:Authorities", "The PEM file of the authorities that issue requesters' certificates"),
        (AuthModes.Jwt, $"{Issuer}:Name", "A name for the issuer of access tokens; its people are called NAME/SUBJECT"),
        (AuthModes.Jwt, $"{Issuer}:Issuer", "What its tokens carry as iss"),
        (AuthModes.Jwt, $"{Issuer}:Audience", "What its tokens for this node carry in aud"),
        (AuthModes.Jwt, $"{Issuer}:Authority", "The https address below which it publishes its configuration"),
        (AuthModes.Jwt, $"{Issuer}:Scopes:*", "The scope that makes somebody an operator"),
        (AuthModes.Oidc, "Auth:Oidc:Authority", "The issuer URL of the provider by which people sign in"),
        (AuthModes.Oidc, "Auth:Oidc:ClientId", "The name under which the provider knows this node"),
        (AuthModes.Oidc, "Auth:Oidc:Roles:*", "The value of the claim 'roles' that makes somebody an operator"),
    ];

    /// <summary>The answers to what is not given.</summary>
    public static IEnumerable<(string Key, string Value)> Ask(IReadOnlyList<string> modes, IReadOnlyList<(string Key, string Value)> given, Func<string, string> ask)
    {
        foreach (var (mode, key, question) in All.Where(one => modes.Contains(one.Mode)))
        {
            var begin = key.TrimEnd('*');
            // Keys in a file of their own are given in place of an address.
            if (given.Any(setting => setting.Key.StartsWith(begin, StringComparison.OrdinalIgnoreCase) || (key == $"{Issuer}:Authority" && setting.Key.Equals($"{Issuer}:Jwks", StringComparison.OrdinalIgnoreCase))))
                continue;
            var answer = ask(question);
            yield return begin == key ? (key, answer) : (begin + answer.Replace(":", "%3A", StringComparison.Ordinal), RoleNames.Of(Roles.Operator).Single());
        }
    }
}
