using System.Net;
using System.Net.Sockets;
using Lazaret.Node;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_database_that_is_lost_is_not_begun_anew(bool isGone)
    {
        using var folder = new TemporaryFolder();
        var file = folder["state/lazaret.db"];
        await using (var first = Node(folder["state"], DatabaseOptions.Sqlite, connection: null))
        {
            await first.GetRequiredService<DatabaseMigration>().RunAsync(force: false, Stop);
            await first.GetRequiredService<SigningKeyFile>().FindOrMakeAsync(Stop);
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var beside in Directory.GetFiles(folder["state"], "lazaret.db*"))
            File.Delete(beside);
        if (!isGone)
            await File.WriteAllTextAsync(file, "", Stop);

        await using var node = Node(folder["state"], DatabaseOptions.Sqlite, connection: null);
        var why = (await Assert.ThrowsAsync<MissingException>(() => node.GetRequiredService<DatabaseMigration>().RunAsync(force: true, Stop))).Message;
        Assert.Contains($"{file} {(isGone ? "is gone" : "is empty")}", why, StringComparison.Ordinal);
        Assert.Contains("lazaret restore FILE", why, StringComparison.Ordinal);
        Assert.Equal(why, await node.GetRequiredService<DatabaseMigration>().FaultAsync(Stop));
        if (isGone)
            Assert.Equal(why, (await Assert.ThrowsAsync<MissingException>(() => node.GetRequiredService<DatabaseMigration>().ExistsAsync(Stop))).Message);
        Assert.Equal(isGone, !File.Exists(file));
        var said = (await Examination.ExamineStoresAsync(node, new NodeOptions(), Stop)).Single(finding => finding.What == "database sqlite");
        Assert.Equal((false, why), (said.Ok, said.Why));
        Assert.StartsWith("restore a backup", said.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_start_after_the_first_key_makes_the_database()
    {
        using var folder = new TemporaryFolder();
        await using var node = Node(folder["state"], DatabaseOptions.Sqlite, connection: null);
        node.GetRequiredService<StateFolder>().Create();
        Assert.True(((KeyFile)node.GetRequiredService<IKeyRingSource>()).Make());
        await File.WriteAllTextAsync(folder["state/lazaret.db"], "", Stop);
        await node.GetRequiredService<DatabaseMigration>().RunAsync(force: false, Stop);
        Assert.True(await node.GetRequiredService<DatabaseMigration>().ExistsAsync(Stop));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    [Theory]
    [InlineData(DatabaseOptions.Sqlite)]
    [InlineData(DatabaseOptions.Postgres)]
    public async Task The_database_of_another_program_is_not_written_into(string provider)
    {
        using var folder = new TemporaryFolder();
        var connection = provider == DatabaseOptions.Postgres ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() : $"Data Source={Path.Combine(folder.MakePrivate("other"), "other.db")}";
        await using var node = Node(folder["state"], provider, connection);
        await using var db = await node.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        await db.Database.ExecuteSqlAsync($"CREATE TABLE invoices (number integer)", Stop);

        var why = (await Assert.ThrowsAsync<MissingException>(() => node.GetRequiredService<DatabaseMigration>().RunAsync(force: true, Stop))).Message;
        Assert.Contains("holds tables of another program (invoices)", why, StringComparison.Ordinal);
        Assert.Equal(["invoices"], await LostDatabase.FindForeignAsync(db, Stop));
        Assert.Empty(await db.Database.GetAppliedMigrationsAsync(Stop));
        Assert.Equal(why, (await Examination.ExamineStoresAsync(node, new NodeOptions { Database = new DatabaseOptions { Provider = provider } }, Stop)).Single(finding => finding.What == $"database {provider}").Why);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    [Fact]
    public async Task A_damaged_file_is_said_by_the_doctor_in_SQLites_words()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await using (var db = node.Open())
            await db.Database.ExecuteSqlAsync($"PRAGMA wal_checkpoint(TRUNCATE)", Stop);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        var noise = new byte[60 << 10];
        new Random(1).NextBytes(noise);
        await using (var file = new FileStream(node.Get<StateFolder>().Database, FileMode.Open))
        {
            file.Seek(8 << 10, SeekOrigin.Begin);
            await file.WriteAsync(noise, Stop);
        }

        var said = (await Examination.ExamineStoresAsync(node.Services, node.Options, Stop)).Single(finding => finding.What == "database sqlite");
        Assert.False(said.Ok);
        Assert.Contains("lazaret restore --force FILE", said.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_server_that_is_away_is_said_in_the_drivers_words()
    {
        using var folder = new TemporaryFolder();
        await using var node = Node(folder["state"], DatabaseOptions.Postgres, $"Host=127.0.0.1;Port={ServerProcess.FreePort()};Database=none;Username=nobody");
        var said = (await Examination.ExamineStoresAsync(node, new NodeOptions { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } }, Stop)).Single(finding => finding.What == "database postgres");
        Assert.Contains("Connection refused", said.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("transient failure", said.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_server_that_hangs_is_waited_for_once_by_the_doctor()
    {
        using var folder = new TemporaryFolder();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        await using var node = Node(folder["state"], DatabaseOptions.Postgres, $"Host=127.0.0.1;Port={((IPEndPoint)server.LocalEndpoint).Port};Database=none;Username=nobody;SSL Mode=Disable;Timeout=1");
        var findings = await Examination.ExamineStoresAsync(node, new NodeOptions { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } }, Stop);
        Assert.False(findings.Single(finding => finding.What == "database postgres").Ok);
        Assert.Contains("is not known while it does not answer", findings.Single(finding => finding.What == "keys file").Why, StringComparison.Ordinal);
        Assert.Contains("is not known while the database does not answer", findings.Single(finding => finding.What == "images").Why, StringComparison.Ordinal);
        using var asked = await server.AcceptSocketAsync(Stop);
        Assert.False(server.Pending());
    }

    private static ServiceProvider Node(string state, string provider, string? connection) => new ServiceCollection()
        .AddLogging()
        .AddLazaret(
            new NodeOptions { State = state, Database = new DatabaseOptions { Provider = provider } },
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:Lazaret", connection)]).Build())
        .BuildServiceProvider();
}
