using System.Data.Common;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Lazaret.Node.Audit.Chain;

/// <summary>Statements that EF Core does not write: columns as bytes, whole batches of links.</summary>
internal static class ChainCommands
{
    /// <summary>A command in the transaction of this context, if there is one.</summary>
    public static async Task<DbCommand> CommandAsync(this LazaretDb db, string statement, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = statement;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>The entries that a query finds.</summary>
    public static async Task<List<StoredEntry>> ReadEntriesAsync(
        this LazaretDb db, string where, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await using var command = await db.CommandAsync($"SELECT {StoredEntry.ColumnsOf(db)} FROM \"Audit\" a WHERE {where}", cancellationToken, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<StoredEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (StoredEntry.Read(reader, 0) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Writes links in the transaction of this context.</summary>
    public static async Task WriteLinksAsync(this LazaretDb db, IReadOnlyList<AuditLink> links, CancellationToken cancellationToken)
    {
        const string Into = """INSERT INTO "AuditChain" ("Number", "Sequence", "Previous", "Hash") """;
        if (db is not SqliteLazaretDb)
        {
            await using var all = await db.CommandAsync(
                $"{Into} SELECT * FROM unnest(@number, @sequence, @previous, @hash)",
                cancellationToken,
                ("number", links.Select(link => link.Number).ToArray()),
                ("sequence", links.Select(link => link.Sequence).ToArray()),
                ("previous", links.Select(link => link.Previous).ToArray()),
                ("hash", links.Select(link => link.Hash).ToArray()));
            await all.ExecuteNonQueryAsync(cancellationToken);
            return;
        }

        await using var command = await db.CommandAsync(
            $"{Into} VALUES ($number, $sequence, $previous, $hash)", cancellationToken, ("$number", 0L), ("$sequence", 0L), ("$previous", ""), ("$hash", ""));
        foreach (var link in links)
        {
            (command.Parameters[0].Value, command.Parameters[1].Value, command.Parameters[2].Value, command.Parameters[3].Value) =
                (link.Number, link.Sequence, link.Previous, link.Hash);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
