using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Storage;

/// <summary>Has SQLite overwrite what is deleted, which it would otherwise leave in the file's free pages. The setting holds for one connection, so each new one gets it.</summary>
internal sealed class SecureDelete : DbConnectionInterceptor
{
    private const string Pragma = "PRAGMA secure_delete = ON";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragma;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragma;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
