using System.Security.Claims;

namespace Lazaret.Node.Identity;

/// <summary>Who may call an endpoint.</summary>
/// <param name="Roles">Whoever has one of these.</param>
/// <param name="IsOpen">Everybody may, without saying who they are.</param>
/// <param name="FromLoopback">Callers on this machine may without saying who they are.</param>
/// <param name="Resource">The FHIR resource that the scopes of the node's own access tokens must open; null where such tokens open nothing.</param>
public sealed record Access(Roles Roles, bool IsOpen = false, bool FromLoopback = false, string? Resource = null)
{
    private const string LimitClaim = "limited_to";

    public static readonly Access Open = new(Roles.All, IsOpen: true);

    public bool Admits(Roles role) => IsOpen || (Roles & role) != Roles.None;

    /// <summary>Lets somebody call those endpoints alone that are about one of these resources, whatever their role.</summary>
    public static void Limit(ClaimsPrincipal user, IEnumerable<string> resources) =>
        ((ClaimsIdentity)user.Identity!).AddClaims(resources.Append("").Distinct(StringComparer.Ordinal).Select(resource => new Claim(LimitClaim, resource)));

    /// <summary>Whether the limits of this user, if they have any, leave this endpoint out.</summary>
    public bool IsBeyondLimitsOf(ClaimsPrincipal user) => user.HasClaim(LimitClaim, "") && !(Resource is not null && user.HasClaim(LimitClaim, Resource));
}
