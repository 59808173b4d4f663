namespace Lazaret.Node.Storage.Commits;

/// <summary>Writes that nobody may be waiting for, since their caller hung up. A process ends them before it ends itself.</summary>
internal interface IPendingWrites
{
    /// <summary>Waits until all that came before is written.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
