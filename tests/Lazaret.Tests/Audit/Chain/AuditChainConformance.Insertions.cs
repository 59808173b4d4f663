using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Linking;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Audit.Chain;

/// <summary>Entries that somebody added: without a link, with a right one, with another entry's proof.</summary>
public abstract partial class AuditChainConformance
{
    private const string Copy = """INSERT INTO "Audit" ("At", "Actor", "Action", "Detail", "Proof") SELECT "At", "Actor", "Action", "Detail", "Proof" FROM "Audit" WHERE "Sequence" = 3""";

    [Fact]
    public async Task An_inserted_entry_is_found_also_while_the_triggers_are_there_and_no_sweep_takes_it_up()
    {
        await using var node = await StartAsync(entries: 5);
        await using (var db = node.Open())
        {
            await db.Database.ExecuteSqlRawAsync(Copy.Replace("SELECT \"At\", \"Actor\"", "SELECT \"At\", 'nobody'", StringComparison.Ordinal), Stop);
            // A whole copy, whose proof is a true one.
            await db.Database.ExecuteSqlRawAsync(Copy, Stop);
        }

        Assert.Equal(0, await node.Get<ChainSequencer>().SweepAsync(0, Stop));
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "later", [], Stop);
        var report = await VerifyAsync(node);
        Assert.Equal([(ChainFault.Inserted, 7), (ChainFault.Inserted, 8)], report.Faults.Select(fault => (fault.Kind, fault.Entry)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task An_entry_before_the_first_is_of_no_link_also_where_link_0_has_its_number(long sequence)
    {
        await using var node = await StartAsync(entries: 5);
        await using (var db = node.Open())
            await db.Database.ExecuteSqlRawAsync(Copy.Replace("(\"At\"", "(\"Sequence\", \"At\"", StringComparison.Ordinal).Replace("SELECT", $"SELECT {sequence},", StringComparison.Ordinal), Stop);
        Assert.Equal((ChainFault.Inserted, sequence), (await VerifyAsync(node)).Faults.Select(fault => (fault.Kind, fault.Entry!.Value)).First());
    }

    [Fact]
    public async Task An_entry_that_was_inserted_with_a_right_link_lacks_the_proof()
    {
        await using var node = await StartAsync(entries: 5);
        await InsertLinkedAsync(node, """INSERT INTO "Audit" ("At", "Actor", "Action", "Detail") SELECT "At", 'nobody', "Action", "Detail" FROM "Audit" WHERE "Sequence" = 3""");
        // Also where the entry that tells of the key comes before what is verified.
        foreach (var from in new[] { 1, 4, 7 })
        {
            var fault = (await node.Get<ChainVerification>().RunAsync(from, given: null, Stop)).Faults.Single();
            Assert.Equal((ChainFault.Inserted, 7, 7), (fault.Kind, fault.Entry, fault.Link));
        }
    }

    [Fact]
    public async Task A_copy_of_an_entry_with_a_right_link_has_a_proof_that_is_there_already()
    {
        await using var node = await StartAsync(entries: 5);
        await InsertLinkedAsync(node, Copy);
        var fault = (await VerifyAsync(node)).Faults.Single();
        Assert.Equal((ChainFault.Inserted, 7), (fault.Kind, fault.Entry));
        Assert.Contains("entry 3", fault.Why, StringComparison.Ordinal);
    }

    private static async Task InsertLinkedAsync(TestNode node, string statement)
    {
        await using var db = node.Open();
        await using var writing = await db.BeginWritingAsync(Stop);
        await db.Database.ExecuteSqlRawAsync(statement, Stop);
        await ChainWriter.LinkAsync(db, [7], Stop);
        await writing.CommitAsync(Stop);
    }
}
