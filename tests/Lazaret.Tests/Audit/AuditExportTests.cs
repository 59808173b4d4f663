using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Archives;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Audit;

public sealed class AuditExportSqliteTests() : AuditExportTests(DatabaseUnderTest.SqliteAsync);

public sealed class AuditExportPostgresTests() : AuditExportTests(DatabaseUnderTest.PostgresAsync);

/// <summary>What of the audit is printed, and archived, on each database.</summary>
public abstract class AuditExportTests(Func<Lazaret.Node.NodeOptions?, Task<TestNode>> start) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_that_could_not_be_begun_leaves_no_folder()
    {
        await using var node = await start(null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Get<ChainArchive>().AddAsync(_folder["archive"], 1 << 20, new CancellationToken(canceled: true)));
        Assert.False(Directory.Exists(_folder["archive"]));
    }

    [Fact]
    public async Task Entries_are_chosen_by_time_job_and_action()
    {
        await using var node = await start(null);
        var job = Guid.CreateVersion7();
        var began = node.Time.GetUtcNow();
        await WriteAsync(node, AuditAction.JobAdmitted, job);
        node.Time.Advance(TimeSpan.FromHours(1));
        await WriteAsync(node, AuditAction.ResultReleased, job);
        await WriteAsync(node, AuditAction.JobAdmitted, Guid.CreateVersion7());

        Assert.Equal(["job_admitted", "result_released"], await ExportAsync(node, new AuditSelection { Job = job }));
        Assert.Equal(["job_admitted", "job_admitted"], await ExportAsync(node, new AuditSelection { Action = AuditAction.JobAdmitted }));
        Assert.Equal(["job_admitted"], await ExportAsync(node, new AuditSelection { Until = began.AddHours(1) }));
        Assert.Equal(["result_released"], await ExportAsync(node, new AuditSelection { Since = began.AddHours(1), Action = AuditAction.ResultReleased }));
        // Who read what is an entry, too.
        var read = Encoding.UTF8.GetString((await PrintAsync(node, new AuditSelection { Action = AuditAction.AuditRead })).ToArray());
        Assert.Contains(job.ToString(), read, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"result_released\"", read, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_of_several_pages_has_every_entry_once_and_in_order()
    {
        await using var node = await start(null);
        await using (var db = node.Open())
        {
            for (var i = 0; i < 4100; i++)
                db.Audit.Add(AuditEntry.Of(AuditAction.RequestRefused, node.Time.GetUtcNow(), "bot", []));
            await db.SaveChangesAsync(Stop);
        }

        var sequences = Encoding.UTF8.GetString((await PrintAsync(node, new AuditSelection { Action = AuditAction.RequestRefused })).ToArray())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (long)JsonNode.Parse(line)!["sequence"]!).ToList();
        Assert.Equal(4100, sequences.Count);
        Assert.Equal(sequences.Order().Distinct(), sequences);
    }

    [Fact]
    public async Task An_archive_grows_by_signed_parts_and_is_verified_without_its_database()
    {
        await using var node = await start(null);
        await node.Get<ChainStart>().RunAsync(Stop);
        var archive = node.Get<ChainArchive>();
        foreach (var _ in (int[])[1, 2, 3])
        {
            for (var i = 0; i < 3; i++)
                await WriteAsync(node, AuditAction.RequestRefused, null);
            await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        }

        // Each part is to hold a byte at least, so that each checkpoint ends one.
        var parts = await archive.AddAsync(_folder["archive"], 1, Stop);
        Assert.True(parts.Count >= 4, string.Join(' ', parts));
        var whole = new ArchiveVerification();
        Assert.Null(whole.Run(_folder["archive"]));
        Assert.Single(whole.Keys);

        // The next one goes on where it ended, in one part.
        for (var i = 0; i < 5; i++)
            await WriteAsync(node, AuditAction.RequestRefused, null);
        var more = Assert.Single(await archive.AddAsync(_folder["archive"], 1 << 20, Stop));
        var grown = new ArchiveVerification();
        Assert.Null(grown.Run(_folder["archive"]));
        // With the entry that says that it was read.
        Assert.Equal(whole.Last + 6, grown.Last);
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(more));

        AssertFault(more, text => text.Replace("\"actor\":\"bot\"", "\"actor\":\"rob\"", StringComparison.Ordinal), ChainFault.Changed);
        AssertFault(more, text => text[..(text.TrimEnd().LastIndexOf('\n') + 1)], ChainFault.Cut);
        AssertFault(parts[1], text => string.Join('\n', text.Split('\n').Where((_, line) => line != 1)), ChainFault.Changed);
        var gone = await File.ReadAllBytesAsync(parts[1], Stop);
        File.Delete(parts[1]);
        Assert.Equal(ChainFault.Deleted, new ArchiveVerification().Run(_folder["archive"])!.Kind);
        await File.WriteAllBytesAsync(parts[1], gone, Stop);
        Assert.Null(new ArchiveVerification().Run(_folder["archive"]));
    }

    [Fact]
    public async Task An_archive_takes_no_part_of_another_chain()
    {
        await using var node = await start(null);
        await node.Get<ChainStart>().RunAsync(Stop);
        await node.Get<ChainArchive>().AddAsync(_folder["archive"], 1 << 20, Stop);
        await using var other = await start(null);
        await other.Get<ChainStart>().RunAsync(Stop);
        for (var i = 0; i < 9; i++)
            await WriteAsync(other, AuditAction.RequestRefused, null);
        var refused = await Assert.ThrowsAsync<InputException>(() => other.Get<ChainArchive>().AddAsync(_folder["archive"], 1 << 20, Stop));
        Assert.Contains("of another chain", refused.Message, StringComparison.Ordinal);
        Assert.Null(new ArchiveVerification().Run(_folder["archive"]));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task Nothing_is_added_after_a_part_that_was_cut_and_without_it_the_archive_is_made_whole(int cut)
    {
        await using var node = await start(null);
        await node.Get<ChainStart>().RunAsync(Stop);
        await WriteAsync(node, AuditAction.RequestRefused, null);
        var part = Assert.Single(await node.Get<ChainArchive>().AddAsync(_folder["archive"], 1 << 20, Stop));
        var text = await File.ReadAllTextAsync(part, Stop);
        // A part of its last line, which has the signature; that line; all of it.
        await File.WriteAllTextAsync(part, cut == 1 ? text[..(text.TrimEnd().LastIndexOf('\n') + 1)] : text[..Math.Max(0, text.Length - cut)], Stop);
        await WriteAsync(node, AuditAction.RequestRefused, null);

        var refused = await Assert.ThrowsAsync<InputException>(() => node.Get<ChainArchive>().AddAsync(_folder["archive"], 1 << 20, Stop));
        Assert.StartsWith($"{part}: does not end as it was written", refused.Message, StringComparison.Ordinal);
        File.Delete(part);
        await node.Get<ChainArchive>().AddAsync(_folder["archive"], 1 << 20, Stop);
        Assert.Null(new ArchiveVerification().Run(_folder["archive"]));
    }

    [Theory]
    [InlineData("\"Action\" = 'Bogus'")]
    [InlineData("\"Detail\" = '[1,'")]
    public async Task An_entry_that_cannot_be_read_is_named_and_all_others_are_printed(string change)
    {
        await using var node = await start(null);
        for (var i = 0; i < 3; i++)
            await WriteAsync(node, AuditAction.RequestRefused, null);
        await using (var db = node.Open())
        {
            var statements = $"{(db is SqliteLazaretDb ? "DROP TRIGGER Audit_NoUPDATE" : "DROP TRIGGER audit_only_grows ON \"Audit\"")}; UPDATE \"Audit\" SET {change} WHERE \"Sequence\" = 2";
            await db.Database.ExecuteSqlRawAsync(statements, Stop);
        }

        using var output = new MemoryStream();
        Assert.Equal([2L], await node.Get<AuditExport>().WriteAsync(output, AuditFormat.Ndjson, new AuditSelection(), Stop));
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([1, 2, 3, 4], lines.Select(line => (int)line["sequence"]!));
        Assert.True(lines[1]["unreadable"]!.GetValue<bool>());

        // Each line is a FHIR resource; a detail is only text there.
        var isShown = change.Contains("Detail", StringComparison.Ordinal);
        using var events = new MemoryStream();
        Assert.Equal(isShown ? [] : [2L], await node.Get<AuditExport>().WriteAsync(events, AuditFormat.Fhir, new AuditSelection(), Stop));
        var resources = Encoding.UTF8.GetString(events.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string?)JsonNode.Parse(line)!["resourceType"]);
        Assert.Equal(Enumerable.Repeat("AuditEvent", isShown ? 5 : 4), resources);
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private void AssertFault(string part, Func<string, string> change, string kind)
    {
        var before = File.ReadAllText(part);
        File.WriteAllText(part, change(before));
        Assert.Equal(kind, new ArchiveVerification().Run(_folder["archive"])!.Kind);
        File.WriteAllText(part, before);
    }

    private static async Task WriteAsync(TestNode node, AuditAction action, Guid? job)
    {
        await using var db = node.Open();
        db.Audit.Add(AuditEntry.Of(action, node.Time.GetUtcNow(), "bot", [], job));
        await db.SaveChangesAsync(Stop);
    }

    private static async Task<MemoryStream> PrintAsync(TestNode node, AuditSelection selection)
    {
        var output = new MemoryStream();
        await node.Get<AuditExport>().WriteAsync(output, AuditFormat.Ndjson, selection, Stop);
        return output;
    }

    private static async Task<List<string>> ExportAsync(TestNode node, AuditSelection selection) =>
    [
        .. Encoding.UTF8.GetString((await PrintAsync(node, selection)).ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (string)JsonNode.Parse(line)!["action"]!).Where(action => action != "audit_read"),
    ];
}
