using System.ComponentModel;
using System.Text.Json.Serialization;
using Lazaret.Disclosure;

namespace Lazaret.Node.Releases;

/// <summary>What stands between a result and its requester.</summary>
internal sealed record DisclosureNote(
    [property: JsonPropertyName("profile")] string Profile,
    [property: JsonPropertyName("controls")] IReadOnlyList<string> Controls,
    [property: JsonPropertyName("off"), Description("controls that the site has switched off, or set to nothing")] IReadOnlyList<string> Off)
{
    /// <summary>The standard deviation of the noise on R in units of 1/√(n − 1); left out where there is none.</summary>
    [JsonPropertyName("noise"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Noise { get; init; }

    /// <param name="disclosure">The policy.</param>
    /// <param name="noise">c of an answer; 0 where it has none, or it is about none.</param>
    public static DisclosureNote Of(DisclosureOptions disclosure, double noise = 0)
    {
        var (all, policy) = (Enum.GetValues<DisclosureControlName>(), disclosure.PolicyOf(null));
        // With differential privacy some do not act though nobody switched them off: its noise stands in for them.
        var acting = all.Where(control => disclosure.Acts(control) && policy.Has(control));
        return new DisclosureNote(disclosure.Profile, [.. acting.Select(Name)], [.. all.Where(control => !disclosure.Acts(control)).Select(Name)]) { Noise = noise > 0 ? noise : null };

        static string Name(DisclosureControlName control) => control.ToString();
    }
}
