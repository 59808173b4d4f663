using Microsoft.EntityFrameworkCore.Storage;

namespace Lazaret.Node.Storage;

/// <summary>A transaction that reads and then writes what it read; with it the turn to write, where there is but one.</summary>
internal sealed class Writing(IDbContextTransaction transaction, SemaphoreSlim? turn) : IAsyncDisposable
{
    public Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            turn?.Release();
        }
    }
}
