namespace Lazaret.Cohort.Store;

/// <param name="Done">Rows dealt with, of <paramref name="Total"/>.</param>
/// <param name="Read">Rows whose volume was read; the others came from the store before.</param>
/// <param name="Bytes">Bytes of files read, as they lie on disk.</param>
public sealed record IngestProgress(int Done, int Total, int Read, long Bytes);
