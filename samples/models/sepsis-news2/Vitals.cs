namespace SepsisNews2;

/// <summary>One set of bedside observations, each in the unit of its row of the <see cref="Chart"/>.</summary>
public sealed record Vitals
{
    public required decimal Respiration { get; init; }

    public required decimal OxygenSaturation { get; init; }

    public required decimal SystolicPressure { get; init; }

    public required decimal Pulse { get; init; }

    public required decimal Temperature { get; init; }

    /// <summary>L/min of supplemental oxygen; null if not recorded, which scores as air.</summary>
    public decimal? OxygenFlow { get; init; }

    /// <summary>Null if not recorded, which scores as alert.</summary>
    public Consciousness? Consciousness { get; init; }
}
