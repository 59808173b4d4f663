using System.Text;
using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Keys;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Keys;

public sealed class KeyGuardSqliteTests() : KeyGuardTests(DatabaseUnderTest.SqliteAsync);

public sealed class KeyGuardPostgresTests() : KeyGuardTests(DatabaseUnderTest.PostgresAsync);

/// <summary>Which ring a database takes for its own, on each database.</summary>
public abstract class KeyGuardTests(Func<NodeOptions?, Task<TestNode>> start)
{
    private const string PutBack = "put the copy of its key ring back";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_database_knows_its_ring_by_a_fingerprint_and_nothing_of_the_secret()
    {
        await using var node = await start(null);
        var ring = FileOf(node).Read();
        await using var db = node.Open();
        var known = Assert.Single(await db.KnownKeys.ToListAsync(Stop));
        Assert.Equal((ring.Primary.Id, ring.Primary.Fingerprint(), true), (known.Id, known.Fingerprint, known.IsPrimary));
        Assert.Equal(32, known.Fingerprint.Length);
        Assert.DoesNotContain(known.Fingerprint, Convert.ToHexStringLower(ring.Primary.Secret), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Processes_that_start_first_at_once_end_with_one_ring(bool onOneHost)
    {
        await using var node = await start(null);
        await ForgetAsync(node);
        File.Delete(FileOf(node).Place);
        var states = Enumerable.Range(0, 6).Select(i => Path.Combine(node.Folder, onOneHost ? "host" : $"host{i}")).ToList();
        var starts = await Task.WhenAll(states.Select(state => Task.Run(() => StartAsync(node, state), Stop)));

        var ring = Assert.Single(states.Distinct().Select(state => Path.Combine(state, "keys.json")), File.Exists);
        Assert.Equal(onOneHost ? 6 : 1, starts.Count(fault => fault is null));
        Assert.All(starts.OfType<string>(), fault => Assert.Contains(PutBack, fault, StringComparison.Ordinal));
        await using var db = node.Open();
        Assert.Equal(KeyRing.Parse(await File.ReadAllBytesAsync(ring, Stop), ring).Primary.Fingerprint(), (await db.KnownKeys.SingleAsync(Stop)).Fingerprint);
    }

    [Theory]
    [InlineData("nothing was sealed yet")]
    [InlineData("records are there")]
    [InlineData("records are there, of a version that wrote down no keys")]
    public async Task Where_there_was_a_ring_none_is_made(string when)
    {
        await using var node = await start(null);
        if (when != "nothing was sealed yet")
            await PlantAsync(node);
        if (when.EndsWith("no keys", StringComparison.Ordinal))
            await ForgetAsync(node);
        var file = FileOf(node);
        var ring = file.Read();
        File.Delete(file.Place);

        Assert.Contains(PutBack, await StartAsync(node, node.Options.State), StringComparison.Ordinal);
        Assert.Contains(PutBack, await StartAsync(node, node.Folder), StringComparison.Ordinal);
        Assert.False(file.Exists);
        file.Write(ring);
        Assert.Null(await StartAsync(node, node.Options.State));
    }

    [Fact]
    public async Task A_process_that_died_between_the_file_and_the_database_leaves_what_the_next_start_takes_up()
    {
        await using var node = await start(null);
        await ForgetAsync(node);
        Assert.Null(await StartAsync(node, node.Options.State));
        await using var db = node.Open();
        Assert.Equal(FileOf(node).Read().Primary.Id, (await db.KnownKeys.SingleAsync(Stop)).Id);
    }

    [Theory]
    [InlineData("another ring", "lacks a key")]
    [InlineData("another secret under the same name", "has the fingerprint")]
    [InlineData("the ring as it was before the rotation", "lacks a key")]
    [InlineData("no ring", "is no key ring")]
    public async Task A_running_node_keeps_its_ring_and_says_what_is_wrong_while_the_file_holds(string what, string said)
    {
        await using var node = await start(null);
        var (file, guard, seal) = (FileOf(node), node.Get<KeyGuard>(), node.Get<RecordSeal>());
        var old = file.Read();
        Assert.IsType<RotationOutcome.Rotated>(await node.Get<KeyRotation>().RotateAsync(new Progress<RotationProgress>(), Stop));
        var job = await PlantAsync(node);
        var ring = file.Read();
        if (what == "no ring")
            await File.WriteAllTextAsync(file.Place, what, Stop);
        else
            file.Write(what == "another ring" ? KeyRing.Make(node.Time.GetUtcNow()) : what.StartsWith("the ring", StringComparison.Ordinal) ? old : WithOtherSecret(ring));

        var fault = await guard.FaultAsync(Stop);
        Assert.Contains(said, fault, StringComparison.Ordinal);
        Assert.Contains(PutBack, fault, StringComparison.Ordinal);
        Assert.NotNull(await StartAsync(node, node.Options.State));
        // New records are sealed under the ring in use, and stored ones open.
        Assert.True(seal.Seal([1], new RecordPlace("T", "C", "1")).AsSpan().StartsWith(RecordSeal.Header(ring.Primary.Id)));
        Assert.Equal([1, 2, 3], await OpenAsync(node, job));

        file.Write(ring);
        Assert.Null(await guard.FaultAsync(Stop));
        Assert.Null(await StartAsync(node, node.Options.State));
    }

    [Fact]
    public async Task The_first_ring_of_a_database_that_knows_none_is_held_against_its_records()
    {
        await using var node = await start(null);
        await PlantAsync(node);
        var file = FileOf(node);
        var ring = file.Read();
        foreach (var (other, said) in new[] { (KeyRing.Make(node.Time.GetUtcNow()), "1 records of this database lie under keys that are not in"), (WithOtherSecret(ring), "does not open") })
        {
            await ForgetAsync(node);
            file.Write(other);
            Assert.Contains(said, await StartAsync(node, node.Options.State), StringComparison.Ordinal);
        }

        file.Write(ring);
        Assert.Null(await StartAsync(node, node.Options.State));
        await using var db = node.Open();
        Assert.Equal(ring.Primary.Fingerprint(), (await db.KnownKeys.SingleAsync(Stop)).Fingerprint);
    }

    [Fact]
    public async Task Every_process_takes_up_a_rotation_before_it_seals_the_next_record()
    {
        await using var node = await start(null);
        await using var another = node.Beside(node.Options);
        await another.GetRequiredService<KeyGuard>().StartAsync(Stop);
        var rotated = Assert.IsType<RotationOutcome.Rotated>(await node.Get<KeyRotation>().RotateAsync(new Progress<RotationProgress>(), Stop));

        var job = Job.Admit(JobKind.Diagnosis, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow());
        Assert.IsType<Admission.Accepted>(await another.GetRequiredService<JobAdmission>().AdmitAsync(job, [1], [], Stop));
        await using var db = node.Open();
        Assert.True((await db.Payloads.SingleAsync(Stop)).Content.AsSpan().StartsWith(RecordSeal.Header(rotated.Ring.Primary.Id)));
        Assert.Equal([false, true], await db.KnownKeys.OrderBy(key => key.IsPrimary).Select(key => key.IsPrimary).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_key_is_forgotten_when_nothing_lies_under_it_and_no_sooner()
    {
        await using var node = await start(null);
        await PlantAsync(node);
        var file = FileOf(node);
        var both = file.Read().Rotate(node.Time.GetUtcNow());
        file.Write(both);
        Assert.Null(await node.Get<KeyGuard>().FaultAsync(Stop));
        file.Write(both.Retire());
        Assert.Contains("lacks a key", await node.Get<KeyGuard>().FaultAsync(Stop), StringComparison.Ordinal);

        file.Write(both);
        await node.Get<KeyGuard>().RequireAsync(Stop);
        await node.Get<KeyRotation>().RotateAsync(new Progress<RotationProgress>(), Stop);
        node.Time.Advance(KeyRotation.Settling);
        Assert.IsType<RetirementOutcome.Retired>(await node.Get<KeyRotation>().RetireAsync(new Progress<RotationProgress>(), Stop));
        await using var db = node.Open();
        Assert.Equal(file.Read().Primary.Id, (await db.KnownKeys.SingleAsync(Stop)).Id);
    }

    [Fact]
    public async Task A_ring_that_a_program_prints_or_a_variable_holds_is_held_against_the_database_too()
    {
        await using var node = await start(null);
        var (file, variable) = (FileOf(node), $"LAZARET_TEST_{Guid.NewGuid():N}");
        var options = node.Options with { Keys = new KeyOptions { Source = KeyOptions.FromCommand, Command = ["/bin/cat", file.Place] } };
        await using var command = node.Beside(options);
        await using var environment = node.Beside(node.Options with { Keys = new KeyOptions { Source = KeyOptions.FromEnvironment, Variable = variable } });
        await command.GetRequiredService<KeyGuard>().StartAsync(Stop);
        Assert.Contains(PutBack, (await Assert.ThrowsAsync<MissingException>(() => environment.GetRequiredService<KeyGuard>().StartAsync(Stop))).Message, StringComparison.Ordinal);
        var ring = file.Read();
        Environment.SetEnvironmentVariable(variable, Encoding.UTF8.GetString(KeyRing.Make(node.Time.GetUtcNow()).Write()));
        node.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains(PutBack, (await Assert.ThrowsAsync<MissingException>(() => environment.GetRequiredService<KeyGuard>().StartAsync(Stop))).Message, StringComparison.Ordinal);

        // The program is asked every five minutes, and while it fails every five seconds.
        var guard = command.GetRequiredService<KeyGuard>();
        File.Delete(file.Place);
        Assert.Null(await guard.FaultAsync(Stop));
        node.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Contains(PutBack, await guard.FaultAsync(Stop), StringComparison.Ordinal);
        file.Write(ring);
        node.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await guard.FaultAsync(Stop));

        // A rotation elsewhere shows in the database before that.
        file.Write(ring.Rotate(node.Time.GetUtcNow()));
        await node.Get<KeyGuard>().RequireAsync(Stop);
        node.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await guard.FaultAsync(Stop));
        Assert.Equal(file.Read().Primary.Id, command.GetRequiredService<CurrentKeyRing>().Get().Primary.Id);
    }

    /// <summary>Null, or why a process with this state folder does not start.</summary>
    private static async Task<string?> StartAsync(TestNode node, string state)
    {
        await using var process = node.Beside(node.Options with { State = state });
        try
        {
            await process.GetRequiredService<KeyGuard>().StartAsync(Stop);
            return null;
        }
        catch (Exception e) when (e is MissingException or InputException)
        {
            return e.Message;
        }
    }

    private static KeyFile FileOf(TestNode node) => (KeyFile)node.Get<IKeyRingSource>();

    // As an earlier version left the database.
    private static async Task ForgetAsync(TestNode node)
    {
        await using var db = node.Open();
        await db.KnownKeys.ExecuteDeleteAsync(Stop);
    }

    private static async Task<Guid> PlantAsync(TestNode node)
    {
        await using var db = node.Open();
        var job = Job.Admit(JobKind.Diagnosis, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow());
        db.Jobs.Add(job);
        db.Payloads.Add(Payload.Of(job.Id, PayloadName.Input, [1, 2, 3], node.Get<RecordSeal>()));
        await db.SaveChangesAsync(Stop);
        return job.Id;
    }

    private static async Task<byte[]> OpenAsync(TestNode node, Guid job)
    {
        await using var db = node.Open();
        return (await db.Payloads.AsNoTracking().SingleAsync(payload => payload.JobId == job, Stop)).Open(node.Get<RecordSeal>());
    }

    private static KeyRing WithOtherSecret(KeyRing ring) => KeyRing.Parse(
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ring.Write()).Replace(Convert.ToBase64String(ring.Primary.Secret), Convert.ToBase64String(new byte[32]), StringComparison.Ordinal)),
        "test");
}
