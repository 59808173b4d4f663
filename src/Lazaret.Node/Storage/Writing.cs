using Microsoft.EntityFrameworkCore.Storage;

namespace Lazaret.Node.Storage;

/// <summary>A transaction that reads rows and then changes them. On SQLite it also holds the semaphore by which writers take turns.</summary>
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
