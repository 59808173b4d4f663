using System.Security.Claims;

namespace Lazaret.Node.Identity;

/// <summary>Who asks, as an authentication mode found out. An endpoint takes it as a parameter.</summary>
/// <param name="Name">One of a kind on this node. Names of programs and persons whom other issuers vouch for hold a slash: <c>issuer/subject</c>.</param>
public sealed record Requester(string Name, Roles Roles)
{
    private const string NameClaim = "sub";
    private const string RoleClaim = "role";

    /// <summary>Without an authentication mode everybody who reaches the loopback address is the same requester, and may do everything.</summary>
    public static readonly Requester Local = new("local", Roles.All);

    /// <summary>Whose jobs are shown to this one: their own, or with null everybody's, as to auditors.</summary>
    public string? SeesJobsOf => Roles.HasFlag(Roles.Auditor) ? null : Name;

    /// <summary>The framework calls it for each parameter of this type.</summary>
    public static ValueTask<Requester?> BindAsync(HttpContext http) => ValueTask.FromResult<Requester?>(Of(http.User));

    /// <exception cref="InvalidOperationException">Nobody was authenticated: the endpoint is open to everybody, and must not ask who calls.</exception>
    public static Requester Of(ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true, Name: { } name }
        ? new Requester(name, user.FindAll(RoleClaim).Aggregate(Roles.None, (roles, claim) => roles | RoleNames.Find(claim.Value)))
        : throw new InvalidOperationException("nobody was authenticated for this request");

    /// <param name="scheme">The authentication scheme that found out.</param>
    public ClaimsPrincipal ToPrincipal(string scheme) => new(new ClaimsIdentity(
        [new Claim(NameClaim, Name), .. RoleNames.Of(Roles).Select(role => new Claim(RoleClaim, role))], scheme, NameClaim, RoleClaim));
}
