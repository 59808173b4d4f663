namespace SepsisNews2;

/// <summary>One measured parameter: the code and unit under which the input carries it, and the bands that score it.</summary>
public sealed record ChartRow
{
    /// <summary>LOINC.</summary>
    public required string Code { get; init; }

    /// <summary>UCUM.</summary>
    public required string Unit { get; init; }

    /// <summary>What a living patient and a working device can show, both ends included; the manifest asks for the same.</summary>
    public required (decimal Lowest, decimal Highest) Plausible { get; init; }

    /// <summary>The decimals in which the chart is printed: between 38.0 and 38.1 it has no band, so values are rounded to it first.</summary>
    public int Decimals { get; init; }

    /// <summary>From low to high; the last one has no upper end.</summary>
    public required Band[] Bands { get; init; }

    public int Points(decimal value)
    {
        var charted = Math.Round(value, Decimals, MidpointRounding.AwayFromZero);
        return Array.Find(Bands, band => charted <= band.Highest).Points;
    }
}

/// <summary>The values up to and including <paramref name="Highest"/> that the band below does not hold.</summary>
public readonly record struct Band(decimal Highest, int Points);
