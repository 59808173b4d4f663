using Lazaret.Node.Configuration;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>Tokens that others sign.</summary>
public sealed record JwtOptions
{
    /// <summary>The issuers whose access tokens the mode jwt takes. [].</summary>
    public IReadOnlyList<JwtIssuerOptions> Issuers { get; init; } = [];

    /// <summary>How far the clocks of those who sign tokens may be off, in seconds. 60; 0 to 300.</summary>
    public int ClockSkewSeconds { get; init; } = 60;

    internal TimeSpan ClockSkew => TimeSpan.FromSeconds(ClockSkewSeconds);

    internal void Check(OptionFaults faults, bool isOn)
    {
        faults.Range("Auth:Jwt:ClockSkewSeconds", ClockSkewSeconds, 0, 300);
        for (var i = 0; i < Issuers.Count; i++)
            Issuers[i].Check(faults, $"Auth:Jwt:Issuers:{i}");
        foreach (var of in (Func<JwtIssuerOptions, string>[])[issuer => issuer.Name, issuer => issuer.Issuer])
        {
            if (Issuers.Select(of).Distinct(StringComparer.Ordinal).Count() < Issuers.Count)
                faults.Add("Auth:Jwt:Issuers", "two have the same Name or Issuer");
        }

        if (isOn && Issuers.Count == 0)
            faults.Add("Auth:Jwt:Issuers", "is empty, and Lazaret:Auth:Modes has jwt: set Lazaret:Auth:Jwt:Issuers:0:Name, Issuer, Audience, Jwks and Scopes");
    }
}
