using Lazaret.Node.Configuration;

namespace Lazaret.Node.Diagnoses;

/// <summary>Bounds of diagnosis jobs.</summary>
public sealed record DiagnosisOptions
{
    /// <summary>The largest request, in MiB. 16; 1 to 256.</summary>
    public int MaxRequestMiB { get; init; } = 16;

    internal long MaxRequest => (long)MaxRequestMiB << 20;

    internal void Check(OptionFaults faults) => faults.Range("Diagnoses:MaxRequestMiB", MaxRequestMiB, 1, 256);
}
