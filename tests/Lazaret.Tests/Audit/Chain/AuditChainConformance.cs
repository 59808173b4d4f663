using System.Globalization;
using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Health.Gauges;
using Lazaret.Node.Jobs;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Audit.Chain;

public sealed class AuditChainSqliteTests() : AuditChainConformance(DatabaseUnderTest.SqliteAsync)
{
    protected override string DropTriggers { get; } = string.Concat(
        from table in (string[])["Audit", "AuditChain", "AuditCheckpoints"]
        from change in (string[])["UPDATE", "DELETE", "REPLACE"]
        select $"DROP TRIGGER {table}_No{change};");

    protected override string SpellAtDifferently => "UPDATE Audit SET At = replace(At, ' ', 'T')";

    protected override string MakeUnreadable => "UPDATE AuditChain SET Hash = 'text' WHERE Number = 4";

    [Fact]
    public async Task A_value_of_another_type_with_the_same_bytes_is_found()
    {
        await using var node = await StartAsync(entries: 3);
        await TamperAsync(node, "UPDATE Audit SET Actor = CAST(Actor AS BLOB) WHERE Sequence = 3");
        Assert.Equal(3, (await VerifyAsync(node)).Faults[0].Entry);
    }

    [Fact]
    public async Task An_id_in_other_letters_is_found()
    {
        await using var node = await StartAsync(entries: 1);
        await AdmitAsync(node);
        await TamperAsync(node, "UPDATE Audit SET JobId = lower(JobId) WHERE JobId IS NOT NULL");
        var fault = (await VerifyAsync(node)).Faults[0];
        Assert.Equal((ChainFault.Changed, 3), (fault.Kind, fault.Entry));
    }

    [Fact]
    public async Task A_tail_that_nothing_refers_to_is_missed_by_its_sequence()
    {
        await using var node = await StartAsync(entries: 6);
        await CutAsync(node, after: 4);
        var report = await VerifyAsync(node);
        Assert.Equal((ChainFault.Cut, 5), (report.Faults.Single().Kind, report.Faults.Single().Entry));
    }
}

public sealed class AuditChainPostgresTests() : AuditChainConformance(DatabaseUnderTest.PostgresAsync)
{
    protected override string DropTriggers { get; } = string.Concat(
        ((string[])["Audit", "AuditChain", "AuditCheckpoints"]).Select(table => $"DROP TRIGGER audit_only_grows ON \"{table}\";"));

    protected override string SpellAtDifferently => """UPDATE "Audit" SET "At" = "At" + interval '1 microsecond'""";

    // No instant of .NET.
    protected override string MakeUnreadable => """UPDATE "Audit" SET "At" = '200000-01-01' WHERE "Sequence" = 4""";
}

/// <summary>What <c>lazaret audit verify</c> finds after somebody with every right on the database has been at it.</summary>
public abstract partial class AuditChainConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected abstract string DropTriggers { get; }

    protected abstract string SpellAtDifferently { get; }

    /// <summary>Puts something into entry or link 4 that the driver gives no value for.</summary>
    protected abstract string MakeUnreadable { get; }

    [Fact]
    public async Task What_cannot_be_read_is_a_fault_of_the_chain_and_shown_as_one()
    {
        await using var node = await StartAsync(entries: 5);
        var board = ActivatorUtilities.CreateInstance<GaugeBoard>(node.Services);
        var gauges = ActivatorUtilities.CreateInstance<AuditGauges>(node.Services, board);
        await TamperAsync(node, MakeUnreadable);
        Assert.Equal(4, (await VerifyAsync(node)).Faults[0].Link);
        await gauges.MeasureAsync(Stop);
        var faults = Faults();
        Assert.True(faults >= 1);
        await gauges.MeasureAsync(Stop);
        Assert.Equal(faults, Faults());

        double Faults() => Assert.Single(board.Read(GaugeNames.ChainFaults.Name)).Value;
    }

    [Fact]
    public async Task A_database_that_is_older_than_its_state_folder_is_named_once_also_after_it_grew_again()
    {
        await using var node = await StartAsync(entries: 5);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        Assert.Null(await FaultAsync());
        await CutAsync(node, after: 2);
        Assert.Contains("has a checkpoint of link 6, signed at 2", await FaultAsync(), StringComparison.Ordinal);
        Assert.Contains("and the database ends at link 2: ", await FaultAsync(), StringComparison.Ordinal);

        var board = ActivatorUtilities.CreateInstance<GaugeBoard>(node.Services);
        var gauges = ActivatorUtilities.CreateInstance<AuditGauges>(node.Services, board);
        await gauges.MeasureAsync(Stop);
        await gauges.MeasureAsync(Stop);
        Assert.Equal(1, Assert.Single(board.Read(GaugeNames.ChainFaults.Name)).Value);

        for (var i = 0; i < 5; i++)
            await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], Stop);
        Assert.Contains("has another link there: ", await FaultAsync(), StringComparison.Ordinal);
        // Another host of the site restored the database: this one's copies are of what it replaced.
        await node.Get<AuditLog>().WriteAsync(AuditAction.BackupRestored, AuditEntry.Operator, [], Stop);
        Assert.Null(await FaultAsync());
        await node.Get<ChainStart>().RunAsync(Stop);
        Assert.Single(node.Get<CheckpointCopies>().Read());

        async Task<string?> FaultAsync()
        {
            await using var db = node.Open();
            return await node.Get<OlderDatabase>().FaultAsync(db, Stop);
        }
    }

    [Fact]
    public async Task What_nobody_touched_is_whole()
    {
        await using var node = await StartAsync(entries: 20);
        await AdmitAsync(node);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        var report = await VerifyAsync(node);
        Assert.Empty(report.Faults);
        Assert.Equal((22, 22, 22), (report.Links, report.Last, report.SignedTo));
        // In the database and in the state folder: of the start, and now.
        Assert.Equal(4, report.Checkpoints);
        Assert.Equal(10, (await node.Get<ChainVerification>().RunAsync(13, given: null, Stop)).Links);
        await Assert.ThrowsAsync<InputException>(() => node.Get<ChainVerification>().RunAsync(99, given: null, Stop));
    }

    // Entry 1 tells of the key; the others follow.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task A_changed_column_is_found_with_its_entry(int entry)
    {
        string[] changes =
        [
            SpellAtDifferently,
            """UPDATE "Audit" SET "Actor" = "Actor" || ' '""",
            """UPDATE "Audit" SET "Action" = 'ModelRemoved'""",
            """UPDATE "Audit" SET "JobId" = '0197AAAA-0000-7000-8000-000000000000'""",
            """UPDATE "Audit" SET "Detail" = '{}'""",
            """UPDATE "Audit" SET "Proof" = NULL""",
            """UPDATE "Audit" SET "Sequence" = 999""",
        ];
        foreach (var change in changes)
        {
            await using var node = await StartAsync(entries: 5);
            await TamperAsync(node, string.Create(CultureInfo.InvariantCulture, $"{change} WHERE \"Sequence\" = {entry}"));
            var fault = (await VerifyAsync(node)).Faults[0];
            Assert.True(fault.Entry == entry && fault.Link == entry, $"{change}: {fault.Why}");
        }
    }

    [Theory]
    [InlineData("""UPDATE "AuditChain" SET "Sequence" = 999 WHERE "Number" = 4""", 4)]
    [InlineData("""UPDATE "AuditChain" SET "Hash" = "Previous" WHERE "Number" = 4""", 4)]
    [InlineData("""UPDATE "AuditChain" SET "Previous" = "Hash" WHERE "Number" = 4""", 4)]
    [InlineData("""UPDATE "AuditChain" SET "Number" = 99 WHERE "Number" = 4""", 4)]
    [InlineData("""UPDATE "AuditChain" SET "Hash" = "Previous" WHERE "Number" = 6""", 6)]
    [InlineData("""UPDATE "AuditChain" SET "Sequence" = -7 WHERE "Number" = 0""", 1)]
    [InlineData("""UPDATE "AuditChain" SET "Hash" = (SELECT "Hash" FROM "AuditChain" WHERE "Number" = 2) WHERE "Number" = 0""", 0)]
    [InlineData("""DELETE FROM "AuditChain" WHERE "Number" = 0""", 0)]
    [InlineData("""DELETE FROM "AuditChain" WHERE "Number" = 4""", 4)]
    public async Task A_forged_link_is_found(string change, int link)
    {
        await using var node = await StartAsync(entries: 5);
        await TamperAsync(node, change);
        Assert.Equal(link, (await VerifyAsync(node)).Faults[0].Link);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(6, 6)]
    public async Task A_deleted_entry_is_found(int entry, int link)
    {
        await using var node = await StartAsync(entries: 5);
        await TamperAsync(node, $"DELETE FROM \"Audit\" WHERE \"Sequence\" = {entry}");
        var fault = (await VerifyAsync(node)).Faults[0];
        Assert.Equal((ChainFault.Deleted, entry, link), (fault.Kind, fault.Entry, fault.Link));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task An_entry_that_was_deleted_with_its_link_is_found(int entry)
    {
        await using var node = await StartAsync(entries: 5);
        await TamperAsync(node, $"DELETE FROM \"Audit\" WHERE \"Sequence\" = {entry}; DELETE FROM \"AuditChain\" WHERE \"Number\" = {entry}");
        var fault = (await VerifyAsync(node)).Faults[0];
        Assert.Equal((ChainFault.Deleted, entry, entry), (fault.Kind, fault.Entry, fault.Link));
    }

    [Theory]
    [InlineData("""UPDATE "Audit" SET "Sequence" = CASE "Sequence" WHEN 103 THEN 4 ELSE 3 END WHERE "Sequence" > 100""", """UPDATE "Audit" SET "Sequence" = "Sequence" + 100 WHERE "Sequence" IN (3, 4)""")]
    [InlineData("""UPDATE "AuditChain" SET "Sequence" = CASE "Number" WHEN 3 THEN 4 ELSE 3 END WHERE "Number" IN (3, 4)""", """UPDATE "AuditChain" SET "Sequence" = "Sequence" + 100 WHERE "Number" IN (3, 4)""")]
    [InlineData("""UPDATE "AuditChain" SET "Number" = CASE "Number" WHEN 103 THEN 4 ELSE 3 END WHERE "Number" > 100""", """UPDATE "AuditChain" SET "Number" = "Number" + 100 WHERE "Number" IN (3, 4)""")]
    public async Task Two_that_changed_places_are_found(string then, string first)
    {
        await using var node = await StartAsync(entries: 5);
        await TamperAsync(node, $"{first}; {then}");
        Assert.Equal(3, (await VerifyAsync(node)).Faults[0].Link);
    }

    [Fact]
    public async Task A_changed_entry_under_hashes_that_were_made_anew_lacks_the_proof_and_the_checkpoint()
    {
        await using var node = await StartAsync(entries: 5);
        await TamperAsync(node, """UPDATE "Audit" SET "Actor" = 'nobody' WHERE "Sequence" = 4""");
        await RelinkAsync(node);
        Assert.Equal(4, (await VerifyAsync(node)).Faults.Single().Entry);

        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        await TamperAsync(node, """UPDATE "Audit" SET "Actor" = 'somebody' WHERE "Sequence" = 4""", drop: false);
        await RelinkAsync(node);
        Assert.Contains((await VerifyAsync(node)).Faults, fault => fault is { Kind: ChainFault.Checkpoint, Entry: 6 });
    }

    private protected static Task<ChainReport> VerifyAsync(TestNode node, IReadOnlyList<AuditCheckpoint>? given = null) => node.Get<ChainVerification>().RunAsync(1, given, Stop);

    protected static async Task<Job> AdmitAsync(TestNode node)
    {
        var job = Job.Admit(JobKind.Diagnosis, "local", "{}", "", null, node.Time.GetUtcNow());
        await node.Get<JobQueue>().AdmitAsync(job, [1, 2, 3], AuditEntry.Of(AuditAction.JobAdmitted, node.Time.GetUtcNow(), job));
        return job;
    }

    protected async Task TamperAsync(TestNode node, string statements, bool drop = true)
    {
        await using var db = node.Open();
        if (drop)
            await db.Database.ExecuteSqlRawAsync(DropTriggers, Stop);
        // Braces would be the places of parameters.
        await db.Database.ExecuteSqlRawAsync(statements.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), Stop);
    }

    /// <summary>Takes the end away as thoroughly as statements can: entries, links and checkpoints.</summary>
    protected Task CutAsync(TestNode node, int after) => TamperAsync(
        node,
        $"""
        DELETE FROM "Audit" WHERE "Sequence" > {after}; DELETE FROM "AuditChain" WHERE "Number" > {after}; DELETE FROM "AuditCheckpoints" WHERE "Number" > {after}
        """);

    /// <summary>Makes all links anew.</summary>
    protected async Task RelinkAsync(TestNode node)
    {
        await TamperAsync(
            node,
            """
            DELETE FROM "AuditChain" WHERE "Number" > 0; UPDATE "AuditChain" SET "Sequence" = -(SELECT MAX("Sequence") FROM "Audit")
            """,
            drop: false);
        await node.Get<ChainStart>().LinkEarlierAsync(Stop);
        // As it was: link 1 follows another link 0 now, which shows, too.
        await using var db = node.Open();
        await using var writing = await db.BeginWritingAsync(Stop);
        var entries = await db.ReadEntriesAsync("1 = 1 ORDER BY a.\"Sequence\"", Stop);
        await db.Database.ExecuteSqlRawAsync("""DELETE FROM "AuditChain" WHERE "Number" > 0; UPDATE "AuditChain" SET "Sequence" = 0""", Stop);
        await ChainWriter.LinkAsync(db, [.. entries.Select(entry => entry.Sequence)], Stop);
        await writing.CommitAsync(Stop);
    }

    /// <summary>A node with a signing key and so many entries after the one about the key.</summary>
    protected async Task<TestNode> StartAsync(int entries, NodeOptions? options = null)
    {
        var node = await start(options);
        await node.Get<ChainStart>().RunAsync(Stop);
        for (var i = 0; i < entries; i++)
            await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, $"somebody {i}", new() { ["faults"] = i }, Stop);
        return node;
    }
}
