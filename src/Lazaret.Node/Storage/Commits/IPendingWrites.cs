namespace Lazaret.Node.Storage.Commits;

/// <summary>Writes that are under way, perhaps for callers who hung up. The process completes them before it exits.</summary>
internal interface IPendingWrites
{
    /// <summary>Waits until all that came before is written.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
