namespace Lazaret.Disclosure.Privacy;

/// <summary>How much of a privacy budget is spent, in zero-concentrated differential privacy (Bun and Steinke 2016), where ρ simply adds up.</summary>
/// <param name="Spent">Σρ so far.</param>
/// <param name="Limit">ρ_max.</param>
public sealed record PrivacyAccount(decimal Spent, decimal Limit)
{
    /// <summary>The account after <paramref name="rho"/> more is spent; null when so much is not left.</summary>
    public PrivacyAccount? Charge(decimal rho)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rho);
        return rho <= Limit - Spent ? this with { Spent = Spent + rho } : null;
    }

    /// <summary>ε²/2: what an answer with Laplace noise for ε costs.</summary>
    public static decimal RhoOfEpsilon(decimal epsilon) => epsilon * epsilon / 2;
}
