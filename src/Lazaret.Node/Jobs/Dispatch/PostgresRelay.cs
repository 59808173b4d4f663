using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>LISTEN and NOTIFY. Sent after the commit, not in it: a transaction that notifies would keep the others from committing beside it.</summary>
internal sealed class PostgresRelay(JobSignal signal, IDbContextFactory<LazaretDb> databases, ILogger<PostgresRelay> logger) : JobRelay(signal, logger)
{
    private const string Channel = "lazaret_jobs";

    protected override async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        connection.Notification += OnNotification;
        try
        {
            await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                await listen.ExecuteNonQueryAsync(cancellationToken);
            Heard();
            while (true)
                await connection.WaitAsync(cancellationToken);
        }
        finally
        {
            connection.Notification -= OnNotification;
        }
    }

    protected override async Task SendAsync(IReadOnlyCollection<string> messages, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, message) FROM unnest({messages.ToArray()}) AS message", cancellationToken);
    }

    private void OnNotification(object sender, NpgsqlNotificationEventArgs notification) => Hear(notification.Payload);
}
