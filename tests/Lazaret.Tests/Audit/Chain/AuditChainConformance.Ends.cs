using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node.Keys;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Audit.Chain;

/// <summary>The chain's ends: checkpoints, keys, what is cut off, what is begun with, who writes at once.</summary>
public abstract partial class AuditChainConformance
{
    [Fact]
    public async Task A_tail_that_was_cut_after_the_last_checkpoint_is_missed_by_the_jobs_and_runs_that_refer_to_it()
    {
        await using var node = await StartAsync(entries: 1);
        var run = await AdmitAsync(node);
        await AdmitAsync(node);
        Assert.NotNull(await node.Get<JobQueue>().ClaimAsync("process", Unrunnable.None, run.Id, Stop));
        Assert.Empty((await VerifyAsync(node)).Faults);

        // Entries: key, refusal, two admissions, run_started.
        await CutAsync(node, after: 4);
        Assert.Contains((await VerifyAsync(node)).Faults, fault => fault.Kind == ChainFault.NoEntry && fault.Job == run.Id && fault.Why.Contains("run_started", StringComparison.Ordinal));
        await TamperAsync(node, """DELETE FROM "Audit" WHERE "Sequence" > 2; DELETE FROM "AuditChain" WHERE "Number" > 2""", drop: false);
        Assert.Equal(2, (await VerifyAsync(node)).Faults.Count(fault => fault.Kind == ChainFault.NoEntry && fault.Why.Contains("job_admitted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_tail_that_was_cut_with_its_checkpoints_is_missed_by_the_copy_in_the_state_folder()
    {
        await using var node = await StartAsync(entries: 5);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        await CutAsync(node, after: 3);
        var fault = (await VerifyAsync(node)).Faults[0];
        Assert.Equal((ChainFault.Cut, 4), (fault.Kind, fault.Link));
        Assert.Contains("the chain ends at link 3", fault.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_that_was_emptied_is_found()
    {
        await using var node = await StartAsync(entries: 5);
        await TamperAsync(node, """DELETE FROM "Audit"; DELETE FROM "AuditChain"; DELETE FROM "AuditCheckpoints" """);
        Assert.False((await VerifyAsync(node)).Ok);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" WHERE \"Number\" = 6")]
    public async Task Checkpoints_that_were_removed_are_missed_by_their_copies(string which)
    {
        await using var node = await StartAsync(entries: 5);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        Assert.Empty((await VerifyAsync(node)).Faults);
        await TamperAsync(node, $"DELETE FROM \"AuditCheckpoints\"{which}");
        Assert.Contains((await VerifyAsync(node)).Faults, fault => (fault.Kind, fault.Link) == (ChainFault.Checkpoint, 6) && fault.Why.Contains("somebody removed it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"Hash\" = (SELECT \"Previous\" FROM \"AuditChain\" WHERE \"Number\" = 6)")]
    [InlineData("\"Milliseconds\" = \"Milliseconds\" + 1")]
    [InlineData("\"Signature\" = \"PublicKey\"")]
    [InlineData("\"PublicKey\" = \"Signature\"")]
    [InlineData("\"Number\" = 5")]
    [InlineData("\"Number\" = 77")]
    public async Task A_changed_checkpoint_is_found(string change)
    {
        await using var node = await StartAsync(entries: 5);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        await TamperAsync(node, $"UPDATE \"AuditCheckpoints\" SET {change} WHERE \"Number\" = 6");
        Assert.Contains(await FaultsAsync(node), fault => fault.Kind is ChainFault.Checkpoint or ChainFault.Cut);
    }

    [Fact]
    public async Task A_checkpoint_under_a_key_that_the_audit_does_not_know_is_found()
    {
        await using var node = await StartAsync(entries: 5);
        using var foreign = SigningKey.Make();
        await using (var db = node.Open())
        {
            db.AuditCheckpoints.Add(AuditCheckpoint.Of(await db.AuditChain.SingleAsync(link => link.Number == 6, Stop), node.Time.GetUtcNow(), foreign));
            await db.SaveChangesAsync(Stop);
        }

        var fault = (await VerifyAsync(node)).Faults.Single();
        Assert.Equal((ChainFault.Key, 6), (fault.Kind, fault.Link));
    }

    [Fact]
    public async Task A_history_that_was_made_anew_under_a_new_key_is_found_with_a_copied_checkpoint()
    {
        await using var node = await StartAsync(entries: 5);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        var copied = CheckpointCopies.Read(node.Get<CheckpointCopies>().File!);

        // All that the node has, its state folder included, is replaced. Another process begins on it.
        await TamperAsync(node, """DELETE FROM "AuditCheckpoints"; DELETE FROM "Audit" WHERE "Sequence" = 1; UPDATE "Audit" SET "Actor" = 'nobody', "Proof" = NULL WHERE "Sequence" = 4""");
        await RelinkAsync(node);
        File.Delete(node.Get<CheckpointCopies>().File!);
        File.Delete(node.Get<SigningKeyFile>().Path);
        await using var beside = node.Beside(node.Options);
        await beside.GetRequiredService<KeyGuard>().StartAsync(Stop);
        await beside.GetRequiredService<ChainStart>().RunAsync(Stop);

        var verification = beside.GetRequiredService<ChainVerification>();
        Assert.DoesNotContain((await verification.RunAsync(1, given: null, Stop)).Faults, fault => fault.Kind is ChainFault.Key or ChainFault.Checkpoint);
        Assert.Contains((await verification.RunAsync(1, copied, Stop)).Faults, fault => fault.Kind == ChainFault.Key);
    }

    [Fact]
    public async Task Checkpoints_come_by_number_and_by_time()
    {
        await using var node = await StartAsync(entries: 2, new NodeOptions { Audit = new AuditOptions { CheckpointEntries = 3, CheckpointSeconds = 60 } });
        var checkpoints = node.Get<Checkpoints>();
        await checkpoints.SignAsync(now: false, Stop);
        Assert.Equal([1], await SignedAsync(node));
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], Stop);
        await checkpoints.SignAsync(now: false, Stop);
        Assert.Equal([1, 4], await SignedAsync(node));
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], Stop);
        node.Time.Advance(TimeSpan.FromSeconds(60));
        await checkpoints.SignAsync(now: false, Stop);
        await checkpoints.SignAsync(now: true, Stop);
        Assert.Equal([1, 4, 5], await SignedAsync(node));
        Assert.Equal([1, 4, 5], node.Get<CheckpointCopies>().Read().Select(checkpoint => checkpoint.Number));
    }

    [Fact]
    public async Task Entries_of_an_earlier_version_are_linked_once_and_before_all_others()
    {
        await using var node = await start(null);
        await using (var db = node.Open())
        {
            await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().TakeWhile(name => !name.EndsWith("_AuditChain", StringComparison.Ordinal)).Last(), Stop);
            for (var i = 0; i < 3; i++)
                await db.Database.ExecuteSqlRawAsync("""INSERT INTO "Audit" ("At", "Actor", "Action", "Detail") VALUES ('2026-01-01 00:00:00.1', 'earlier', 'JobCancelled', '{{}}')""", Stop);
            await db.Database.MigrateAsync(Stop);
        }

        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], Stop);
        await node.Get<ChainStart>().RunAsync(Stop);
        var report = await VerifyAsync(node);
        Assert.Empty(report.Faults);
        Assert.Equal(5, report.Last);

        await TamperAsync(node, """UPDATE "Audit" SET "Actor" = 'nobody' WHERE "Sequence" = 2""");
        Assert.Equal(2, (await VerifyAsync(node)).Faults[0].Entry);
    }

    [Fact]
    public async Task Four_processes_that_write_at_once_make_one_chain()
    {
        const int Each = 100;
        await using var node = await StartAsync(entries: 0);
        var processes = Enumerable.Range(0, 4).Select(_ => node.Beside(node.Options)).ToList();
        await Task.WhenAll(processes.SelectMany(process => Enumerable.Range(0, 3).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    await process.GetRequiredService<AuditLog>().WriteAsync(AuditAction.RequestRefused, $"writer {writer}", [], Stop);
                    if (i % 20 == 0)
                        await process.GetRequiredService<Checkpoints>().SignAsync(now: true, Stop);
                }
            },
            Stop))));
        foreach (var process in processes)
            await process.DisposeAsync();

        var report = await VerifyAsync(node);
        Assert.Empty(report.Faults);
        Assert.Equal(1 + (4 * 3 * Each), report.Last);
        // Every line is whole, whichever process wrote it.
        Assert.NotEmpty(CheckpointCopies.Read(node.Get<CheckpointCopies>().File!));
    }

    [Fact]
    public async Task Nothing_is_found_while_others_write_but_what_somebody_inserted()
    {
        await using var node = await StartAsync(entries: 0);
        var others = Enumerable.Range(0, 2).Select(_ => node.Beside(node.Options)).ToList();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var writing = Task.WhenAll(others.SelectMany(other => Enumerable.Range(0, 16).Select(writer => Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                    await other.GetRequiredService<AuditLog>().WriteAsync(AuditAction.RequestRefused, $"writer {writer}", [], Stop);
            },
            Stop))));
        Assert.Empty((await VerifyAsync(node)).Faults);
        await using (var db = node.Open())
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "Audit" ("At", "Actor", "Action", "Detail") VALUES ('2026-03-01 12:00:00', 'somebody', 'JobCancelled', '{"{}"}')""", Stop);
        Assert.Equal(ChainFault.Inserted, Assert.Single((await VerifyAsync(node)).Faults).Kind);
        await enough.CancelAsync();
        await writing;
        foreach (var other in others)
            await other.DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_somebody_names_in_the_database_makes_no_inserted_entry_good()
    {
        await using var node = await StartAsync(entries: 1);
        // As anybody can who may write to the database, hashes included: an entry that names another key, and another one.
        var forged = AuditEntry.Of(AuditAction.CheckpointKeyAdded, node.Time.GetUtcNow(), AuditEntry.Node, new() { ["key"] = new string('a', 64), ["voucher"] = "AAAA" });
        await using (var db = node.Open())
        {
            foreach (var (action, detail) in new[] { (nameof(AuditAction.CheckpointKeyAdded), forged.Detail), (nameof(AuditAction.ProjectAdded), "{}") })
                await db.Database.ExecuteSqlAsync($"""INSERT INTO "Audit" ("At", "Actor", "Action", "Detail") VALUES ('2026-03-01 12:00:00', 'node', {action}, {detail})""", Stop);
            var sequences = await db.Audit.OrderByDescending(entry => entry.Sequence).Take(2).Select(entry => entry.Sequence).ToListAsync(Stop);
            await using var writing = await db.BeginWritingAsync(Stop);
            await ChainWriter.LinkAsync(db, sequences, Stop);
            await writing.CommitAsync(Stop);
        }

        var faults = (await VerifyAsync(node)).Faults;
        Assert.Equal(2, faults.Count);
        Assert.All(faults, fault => Assert.Equal(ChainFault.Inserted, fault.Kind));
    }

    [Fact]
    public async Task An_entry_whose_transaction_is_rolled_back_is_in_no_link()
    {
        await using var node = await StartAsync(entries: 1);
        await using (var db = node.Open())
        {
            await using var writing = await db.BeginWritingAsync(Stop);
            db.Audit.Add(AuditEntry.Of(AuditAction.RequestRefused, node.Time.GetUtcNow(), "never", []));
            await db.SaveChangesAsync(Stop);
        }

        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], Stop);
        var report = await VerifyAsync(node);
        Assert.Empty(report.Faults);
        Assert.Equal(3, report.Last);
    }

    [Fact]
    public async Task A_hundred_thousand_entries_are_verified()
    {
        const int Many = 100_000;
        await using var node = await start(null);
        await using (var db = node.Open())
        {
            await db.Database.ExecuteSqlRawAsync(
                $"""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Many})
                INSERT INTO "Audit" ("At", "Actor", "Action", "Detail") SELECT '2026-01-01 00:00:00', 'somebody', 'RequestRefused', '{"{{}}"}' FROM n
                """,
                Stop);
            await db.Database.ExecuteSqlRawAsync(DropTriggers, Stop);
            await db.Database.ExecuteSqlRawAsync($"""UPDATE "AuditChain" SET "Sequence" = -{Many}""", Stop);
        }

        await node.Get<ChainStart>().RunAsync(Stop);
        Assert.Equal(Many + 1, (await VerifyAsync(node)).Links);
        await TamperAsync(node, """UPDATE "Audit" SET "Actor" = 'nobody' WHERE "Sequence" = 77777""", drop: false);
        Assert.Equal(77777, (await VerifyAsync(node)).Faults.Single().Entry);
    }

    private static async Task<List<long>> SignedAsync(TestNode node)
    {
        await using var db = node.Open();
        return await db.AuditCheckpoints.OrderBy(checkpoint => checkpoint.Number).Select(checkpoint => checkpoint.Number).ToListAsync(Stop);
    }

    // Without the copies in the state folder.
    private static async Task<IReadOnlyList<ChainFault>> FaultsAsync(TestNode node) => (await VerifyAsync(node, [])).Faults;
}
