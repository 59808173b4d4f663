using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Store;

/// <param name="Rows">Rows with a usable volume that the store now holds.</param>
/// <param name="Read">Volumes that were read; 0 when the store was current.</param>
/// <param name="Unusable">Every volume that could not be used, and why.</param>
/// <param name="Replaced">Why the old store could not be used: missing, damaged, of another grid; null when it could.</param>
public sealed record IngestReport(int Rows, int Read, IReadOnlyList<Fault> Unusable, string? Replaced);
