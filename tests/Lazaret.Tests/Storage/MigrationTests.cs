using Lazaret.Node;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Storage;

public sealed class MigrationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseOptions.Sqlite)]
    [InlineData(DatabaseOptions.Postgres)]
    public async Task Many_migrations_at_once_are_one(string provider)
    {
        using var folder = new TemporaryFolder();
        var connection = provider == DatabaseOptions.Postgres ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() : null;
        var nodes = Enumerable.Range(0, 8).Select(_ => Node(folder["state"], provider, connection)).ToList();

        await Task.WhenAll(nodes.Select(node => Task.Run(() => node.GetRequiredService<DatabaseMigration>().RunAsync(force: false, Stop), Stop)));

        foreach (var node in nodes)
        {
            await using var db = await node.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
            Assert.Empty(await db.Database.GetPendingMigrationsAsync(Stop));
            Assert.Empty(await db.Jobs.ToListAsync(Stop));
            await node.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    [Fact]
    public async Task A_file_of_sqlite_beyond_the_state_folder_that_others_could_exchange_is_refused()
    {
        using var folder = new TemporaryFolder();
        var open = folder.MakePrivate("open");
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        await using var node = Node(folder["state"], DatabaseOptions.Sqlite, $"Data Source={open}/lazaret.db");
        var refusal = await Assert.ThrowsAsync<MissingException>(() => node.GetRequiredService<DatabaseMigration>().RunAsync(force: false, Stop));
        Assert.Contains($"chmod go-w {open}, or set ConnectionStrings:Lazaret to another place", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(open));

        File.SetUnixFileMode(open, File.GetUnixFileMode(open) & ~UnixFileMode.OtherWrite);
        File.CreateSymbolicLink($"{open}/lazaret.db-wal", "/etc/passwd");
        refusal = await Assert.ThrowsAsync<MissingException>(() => node.GetRequiredService<DatabaseMigration>().RunAsync(force: false, Stop));
        Assert.StartsWith($"{open}/lazaret.db-wal: is a link", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseOptions.Sqlite)]
    [InlineData(DatabaseOptions.Postgres)]
    public async Task The_migrations_make_the_model_as_it_is(string provider)
    {
        await using var node = await (provider == DatabaseOptions.Postgres ? DatabaseUnderTest.PostgresAsync() : DatabaseUnderTest.SqliteAsync());
        await using var db = node.Open();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Theory]
    [InlineData(DatabaseOptions.Sqlite)]
    [InlineData(DatabaseOptions.Postgres)]
    public async Task Jobs_of_an_earlier_version_that_wait_get_the_name_of_their_program(string provider)
    {
        await using var node = await (provider == DatabaseOptions.Postgres ? DatabaseUnderTest.PostgresAsync() : DatabaseUnderTest.SqliteAsync());
        await using var db = node.Open();
        var cohort = new CohortRequest("map_to_outcome_v1", "UPDRS_change", "pearson", null, "{}", [], 1);
        var jobs = new[]
        {
            (JobKind.Diagnosis, new DiagnosisRequest("bot", "sepsis", "1.0.0").Write()),
            (JobKind.Cohort, cohort.Write()),
            (JobKind.Cohort, (cohort with { Task = "starter", Version = "2.0.0" }).Write()),
        }.Select(asked => Job.Admit(asked.Item1, "local", asked.Item2, "", null, node.Time.GetUtcNow())).ToList();
        db.Jobs.AddRange(jobs);
        await db.SaveChangesAsync(Stop);

        await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().Single(name => name.EndsWith("_RunUsage", StringComparison.Ordinal)), Stop);
        await db.Database.MigrateAsync(Stop);
        await using var after = node.Open();
        var programs = await after.Jobs.ToDictionaryAsync(job => job.Id, job => job.Program, Stop);
        Assert.Equal(["sepsis@1.0.0", "map_to_outcome_v1", "starter@2.0.0"], jobs.Select(job => programs[job.Id]));
    }

    [Fact]
    public async Task A_database_server_that_is_not_there_is_named_as_missing()
    {
        using var folder = new TemporaryFolder();
        await using var node = Node(folder["state"], DatabaseOptions.Postgres, $"Host=127.0.0.1;Port={ServerProcess.FreePort()};Database=none;Username=nobody");
        var missing = await Assert.ThrowsAsync<MissingException>(() => node.GetRequiredService<DatabaseMigration>().RunAsync(force: false, Stop));
        Assert.Contains("ConnectionStrings:Lazaret", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Host=127.0.0.1;Passwort=geheim")]
    public void A_connection_string_that_cannot_be_read_is_refused_without_quoting_it(string connection)
    {
        using var node = Node("unused", DatabaseOptions.Postgres, connection);
        var refusal = Assert.Throws<InputException>(() => node.GetRequiredService<IDbContextFactory<LazaretDb>>());
        Assert.StartsWith("ConnectionStrings:Lazaret: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", refusal.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Node(string state, string provider, string? connection) => new ServiceCollection()
        .AddLogging()
        .AddLazaret(
            new NodeOptions { State = state, Database = new DatabaseOptions { Provider = provider } },
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:Lazaret", connection)]).Build())
        .BuildServiceProvider();
}
