using Lazaret.Node.Audit;
using Microsoft.Data.Sqlite;

namespace Lazaret.Node.Backups;

/// <summary>
/// What was withdrawn after a backup was made: revoked keys and people, closed projects. The backup would let these people in again. So the withdrawals are copied, row by row,
/// from the database that the backup replaces. What was granted after the backup is lost.
/// </summary>
/// <param name="Counts">How many rows of each kind.</param>
internal sealed record Withdrawals(IReadOnlyList<(string What, int Rows)> Counts)
{
    // True when the replaced database contains the copy's last audit link: then it has the copy's whole history and more. The same ids in another node's database
    // could mean other people.
    private const string IsLater =
        """
        SELECT EXISTS (SELECT 1 FROM main.AuditChain c JOIN replaced.AuditChain r ON r.Number = c.Number AND r.Hash = c.Hash
            WHERE c.Number > 0 AND c.Number = (SELECT max(Number) FROM main.AuditChain))
        """;

    private const string IsSameVersion =
        "SELECT NOT EXISTS (SELECT MigrationId FROM main.__EFMigrationsHistory EXCEPT SELECT MigrationId FROM replaced.__EFMigrationsHistory)";

    private static readonly (string What, string Statement)[] Statements =
    [
        ("requesters", """
            UPDATE Requesters SET (Role, RevokedAt) = (SELECT r.Role, r.RevokedAt FROM replaced.Requesters r WHERE r.Id = Requesters.Id)
            WHERE EXISTS (SELECT 1 FROM replaced.Requesters r WHERE r.Id = Requesters.Id AND (r.Role IS NOT Requesters.Role OR r.RevokedAt IS NOT Requesters.RevokedAt))
            """),
        ("credentials", """
            UPDATE Credentials SET (Content, ExpiresAt, RevokedAt) = (SELECT r.Content, r.ExpiresAt, r.RevokedAt FROM replaced.Credentials r WHERE r.Id = Credentials.Id)
            WHERE EXISTS (SELECT 1 FROM replaced.Credentials r WHERE r.Id = Credentials.Id
                AND (r.Content IS NOT Credentials.Content OR r.ExpiresAt IS NOT Credentials.ExpiresAt OR r.RevokedAt IS NOT Credentials.RevokedAt))
            """),
        ("passkeys", "DELETE FROM Passkeys WHERE NOT EXISTS (SELECT 1 FROM replaced.Passkeys r WHERE r.CredentialId = Passkeys.CredentialId)"),
        ("passwords", """
            UPDATE People SET PasswordHash = NULL
            WHERE PasswordHash IS NOT NULL AND EXISTS (SELECT 1 FROM replaced.People r WHERE r.Id = People.Id AND r.PasswordHash IS NOT People.PasswordHash)
            """),
        ("links", "DELETE FROM SetupLinks WHERE UsedAt IS NULL AND NOT EXISTS (SELECT 1 FROM replaced.SetupLinks r WHERE r.Hash = SetupLinks.Hash AND r.UsedAt IS NULL)"),
        ("sessions", "DELETE FROM Sessions"),
        ("projects", """
            UPDATE Projects SET ClosedAt = (SELECT r.ClosedAt FROM replaced.Projects r WHERE r.Key = Projects.Key)
            WHERE ClosedAt IS NULL AND EXISTS (SELECT 1 FROM replaced.Projects r WHERE r.Key = Projects.Key AND r.ClosedAt IS NOT NULL)
            """),
        ("memberships", """
            UPDATE Projects SET Members = (SELECT json_group_array(m.value) FROM json_each(Projects.Members) m
                WHERE m.value IN (SELECT o.value FROM replaced.Projects r, json_each(r.Members) o WHERE r.Key = Projects.Key)),
                Former = (SELECT json_group_array(f.value) FROM (SELECT value FROM json_each(Projects.Former)
                    UNION SELECT o.value FROM replaced.Projects r, json_each(r.Former) o WHERE r.Key = Projects.Key) f)
            WHERE EXISTS (SELECT 1 FROM replaced.Projects r WHERE r.Key = Projects.Key AND EXISTS (
                SELECT m.value FROM json_each(Projects.Members) m EXCEPT SELECT o.value FROM json_each(r.Members) o))
            """),
        ("programs", "DELETE FROM Programs WHERE NOT EXISTS (SELECT 1 FROM replaced.Programs r WHERE r.Key = Programs.Key AND r.Version = Programs.Version)"),
        ("webhooks", """
            UPDATE WebhookEndpoints SET DisabledAt = (SELECT r.DisabledAt FROM replaced.WebhookEndpoints r WHERE r.Id = WebhookEndpoints.Id)
            WHERE DisabledAt IS NULL AND EXISTS (SELECT 1 FROM replaced.WebhookEndpoints r WHERE r.Id = WebhookEndpoints.Id AND r.DisabledAt IS NOT NULL)
            """),
    ];

    /// <summary>Copies the withdrawals into a copy of the database.</summary>
    /// <param name="replaced">The database that the copy is to replace.</param>
    /// <param name="copy">The copy, of this version.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Null when nothing can be copied: there is no such database, it cannot be read, it is of another version, or the copy is no earlier state of it.</returns>
    public static async Task<Withdrawals?> TakeOverAsync(string replaced, string copy, CancellationToken cancellationToken)
    {
        if (!File.Exists(replaced))
            return null;
        await using var connection = await DatabaseFile.OpenAsync(copy, SqliteOpenMode.ReadWrite, cancellationToken);
        try
        {
            await ExecuteAsync(connection, "ATTACH DATABASE $replaced AS replaced", cancellationToken, replaced);
            if (!await HoldsAsync(connection, IsSameVersion, cancellationToken) || !await HoldsAsync(connection, IsLater, cancellationToken))
                return null;
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var counts = new List<(string, int)>();
            foreach (var (what, statement) in Statements)
                counts.Add((what, await ExecuteAsync(connection, statement, cancellationToken)));
            await transaction.CommitAsync(cancellationToken);
            return new Withdrawals([.. counts.Where(count => count is { Item2: > 0 })]);
        }
        catch (SqliteException)
        {
            // It is damaged.
            return null;
        }
    }

    public AuditDetail ToAudit()
    {
        var detail = new AuditDetail();
        foreach (var (what, rows) in Counts)
            detail[$"withdrawn_{what}"] = rows;
        return detail;
    }

    private static async Task<bool> HoldsAsync(SqliteConnection connection, string question, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = question;
        return await command.ExecuteScalarAsync(cancellationToken) is 1L;
    }

    private static async Task<int> ExecuteAsync(SqliteConnection connection, string statement, CancellationToken cancellationToken, string? replaced = null)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        if (replaced is not null)
            command.Parameters.AddWithValue("$replaced", replaced);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
