using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A database in which the server's administrator keeps an extension, and whose owner is no superuser.</summary>
public sealed class BackupExtensionTests : IDisposable
{
    private const string Extension = "pg_stat_statements";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_backup_leaves_the_extension_to_the_server_and_a_restore_drops_none()
    {
        var server = await PostgresServer.SharedAsync();
        var (state, database) = (_folder.MakePrivate("state"), await server.CreateOrdinaryDatabaseAsync(Extension, "public"));
        await SampleModel.AddAsync(state, Settings(database));
        await DoneAsync(["backup", _folder["backup"]], database);

        // Where it is there as well, and where it is not.
        var elsewhere = await server.CreateOrdinaryDatabaseAsync(Extension, "public");
        await DoneAsync(["restore", _folder["backup"]], elsewhere);
        await DoneAsync(["restore", _folder["backup"]], await server.CreateOrdinaryDatabaseAsync("pg_trgm", "public"));
        Assert.Contains("sepsis", (await NodeProcess.RunAsync(state, ["models", "list"], Settings(elsewhere))).Output, StringComparison.Ordinal);

        // What would go with the old schema is moved first, by the commands that are printed.
        var (exitCode, _, error) = await NodeProcess.RunAsync(state, ["restore", _folder["backup"], "--force"], Settings(elsewhere));
        Assert.Equal(3, exitCode);
        var mend = error[error.IndexOf("CREATE SCHEMA", StringComparison.Ordinal)..];
        Assert.Contains($"ALTER EXTENSION {Extension} SET SCHEMA", mend, StringComparison.Ordinal);
        await server.ExecuteAsync(mend, elsewhere);
        await DoneAsync(["restore", _folder["backup"], "--force"], elsewhere);
        await server.ExecuteAsync($"ALTER EXTENSION {Extension} SET SCHEMA public", elsewhere);

        // A superuser's session is named, too, though the server does not tell an ordinary role what it is.
        await using (await server.ConnectAsync(elsewhere))
        {
            var refused = await NodeProcess.RunAsync(state, ["restore", _folder["backup"], "--force"], Settings(elsewhere));
            Assert.Equal(3, refused.ExitCode);
            Assert.Matches("1 other session uses the database .* postgres ", refused.Error);
        }

        async Task DoneAsync(string[] command, string connection)
        {
            var done = await NodeProcess.RunAsync(state, command, Settings(connection));
            Assert.True(done.ExitCode == 0, $"{string.Join(' ', command)}: {done.Error}");
        }
    }

    public void Dispose() => _folder.Dispose();

    private static (string, string)[] Settings(string database) => [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", $"{database};Pooling=false")];
}
