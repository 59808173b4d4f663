using Lazaret.Node.Configuration;

namespace Lazaret.Node.Diagnoses;

/// <summary>Bounds of diagnosis jobs.</summary>
public sealed record DiagnosisOptions
{
    /// <summary>The largest request, in MiB. 16; 1 to 256.</summary>
    public int MaxRequestMiB { get; init; } = 16;

    /// <summary>How far after this node's clock a datum's time may lie, in seconds. 120; 0 to 3600.</summary>
    public int ClockSkewSeconds { get; init; } = 120;

    internal long MaxRequest => (long)MaxRequestMiB << 20;

    internal TimeSpan ClockSkew => TimeSpan.FromSeconds(ClockSkewSeconds);

    internal void Check(OptionFaults faults)
    {
        faults.Range("Diagnoses:MaxRequestMiB", MaxRequestMiB, 1, 256);
        faults.Range("Diagnoses:ClockSkewSeconds", ClockSkewSeconds, 0, 3600);
    }
}
