using Lazaret.Node.Backups;
using Microsoft.Data.Sqlite;

namespace Lazaret.Tests.Backups;

public sealed class DatabaseFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>As the last process does that closes a database: it moves the log into the file.</summary>
    [Fact]
    public async Task A_copy_waits_while_another_holds_the_whole_database()
    {
        await using var holder = new SqliteConnection($"Data Source={_folder["lazaret.db"]};Pooling=False");
        await holder.OpenAsync(Stop);
        await ExecuteAsync(holder, "PRAGMA journal_mode = WAL; PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE held (x); INSERT INTO held VALUES (1)");

        var copy = Task.Run(() => DatabaseFile.CopyAsync(_folder["lazaret.db"], _folder["copy"], Stop), Stop);
        // Long enough for a copy that does not wait to fail. One that begins later finds no lock: nothing fails by slowness.
        await Task.WhenAny(copy, Task.Delay(500, Stop));
        Assert.False(copy.IsCompleted);
        await holder.CloseAsync();

        await copy;
        await using var copied = await DatabaseFile.OpenAsync(_folder["copy"], Stop);
        await using var command = copied.CreateCommand();
        command.CommandText = "SELECT x FROM held";
        Assert.Equal(1L, await command.ExecuteScalarAsync(Stop));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task ExecuteAsync(SqliteConnection connection, string statements)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statements;
        await command.ExecuteNonQueryAsync(Stop);
    }
}
