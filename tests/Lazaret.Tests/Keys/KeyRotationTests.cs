using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Keys;

public sealed class KeyRotationSqliteTests() : KeyRotationTests(DatabaseUnderTest.SqliteAsync);

public sealed class KeyRotationPostgresTests() : KeyRotationTests(DatabaseUnderTest.PostgresAsync);

/// <summary>What a rotation promises, on each database.</summary>
public abstract class KeyRotationTests(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_entity_that_is_a_sealed_record_is_in_the_tables_that_rotate()
    {
        await using var node = await start(null);
        await using var db = node.Open();
        Assert.Equal(
            db.Model.GetEntityTypes().Select(entity => entity.ClrType).Where(typeof(ISealedRecord).IsAssignableFrom).OrderBy(type => type.Name),
            db.SealedTables.Select(table => table.ElementType).OrderBy(type => type.Name));
    }

    [Fact]
    public async Task Rotation_seals_every_record_under_the_new_key_and_the_content_stays()
    {
        await using var node = await start(null);
        var jobs = await PlantAsync(node, 300);
        var old = node.Get<CurrentKeyRing>().Get().Primary.Id;

        var last = default(RotationProgress);
        var rotated = Assert.IsType<RotationOutcome.Rotated>(await node.Get<KeyRotation>().RotateAsync(new Sink(now => last = now), Stop));
        Assert.Equal((300, false, new RotationProgress(300, 300)), (rotated.Records, rotated.Resumed, last));
        Assert.NotEqual(old, rotated.Ring.Primary.Id);
        await HoldAsync(node, jobs, rotated.Ring.Primary.Id);
        await using var db = node.Open();
        Assert.Equal(AuditAction.KeysRotated, (await db.Audit.OrderBy(entry => entry.Sequence).LastAsync(Stop)).Action);
    }

    [Fact]
    public async Task A_rotation_that_was_stopped_is_continued_under_the_same_key()
    {
        await using var node = await start(null);
        var jobs = await PlantAsync(node, 20);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Get<KeyRotation>().RotateAsync(new Sink(now =>
        {
            if (now.Done == 7)
                stop.Cancel();
        }), stop.Token));
        var primary = (await node.Get<KeyGuard>().RequireAsync(Stop)).Primary.Id;

        var rotated = Assert.IsType<RotationOutcome.Rotated>(await node.Get<KeyRotation>().RotateAsync(new Sink(_ => { }), Stop));
        Assert.Equal((13, true, primary), (rotated.Records, rotated.Resumed, rotated.Ring.Primary.Id));
        await HoldAsync(node, jobs, primary);
    }

    [Fact]
    public async Task Old_keys_go_once_nothing_lies_under_them_and_no_sooner()
    {
        await using var node = await start(null);
        var jobs = await PlantAsync(node, 3);
        var rotation = node.Get<KeyRotation>();
        Assert.IsType<RetirementOutcome.NothingToRetire>(await rotation.RetireAsync(new Sink(_ => { }), Stop));
        var old = node.Get<CurrentKeyRing>().Get().Primary.Id;
        await rotation.RotateAsync(new Sink(_ => { }), Stop);
        Assert.IsType<RetirementOutcome.TooEarly>(await rotation.RetireAsync(new Sink(_ => { }), Stop));

        node.Time.Advance(KeyRotation.Settling);
        Assert.Equal([old], Assert.IsType<RetirementOutcome.Retired>(await rotation.RetireAsync(new Sink(_ => { }), Stop)).Keys);
        Assert.Single(node.Get<CurrentKeyRing>().Get().Keys);
        await HoldAsync(node, jobs, node.Get<CurrentKeyRing>().Get().Primary.Id);
    }

    [Fact]
    public async Task A_record_that_does_not_open_is_named_and_keeps_its_key_in_the_ring()
    {
        await using var node = await start(null);
        var jobs = await PlantAsync(node, 3);
        await using var db = node.Open();
        var damaged = (await db.Payloads.AsNoTracking().SingleAsync(payload => payload.JobId == jobs[1], Stop)).Content;
        damaged[^1] ^= 1;
        await db.Payloads.Where(payload => payload.JobId == jobs[1]).ExecuteUpdateAsync(set => set.SetProperty(payload => payload.Content, damaged), Stop);

        var rotation = node.Get<KeyRotation>();
        var rotated = Assert.IsType<RotationOutcome.Rotated>(await rotation.RotateAsync(new Sink(_ => { }), Stop));
        Assert.Equal(2, rotated.Records);
        Assert.Contains($"{jobs[1]:N}/Input", Assert.Single(rotated.Unopened).Message, StringComparison.Ordinal);
        node.Time.Advance(KeyRotation.Settling);
        Assert.IsType<RetirementOutcome.StillNeeded>(await rotation.RetireAsync(new Sink(_ => { }), Stop));

        // It does not stand in the way of the next rotation, either.
        var next = Assert.IsType<RotationOutcome.Rotated>(await rotation.RotateAsync(new Sink(_ => { }), Stop));
        Assert.Equal((2, false), (next.Records, next.Resumed));
        Assert.Equal(0, await node.Get<SealedRecords>().CountLostAsync(next.Ring, Stop));
        Assert.Equal(3, await node.Get<SealedRecords>().CountLostAsync(KeyRing.Make(node.Time.GetUtcNow()), Stop));
    }

    private static async Task<List<Guid>> PlantAsync(TestNode node, int count)
    {
        await using var db = node.Open();
        for (var i = 0; i < count; i++)
        {
            var job = Job.Admit(JobKind.Diagnosis, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow());
            db.Jobs.Add(job);
            db.Payloads.Add(Payload.Of(job.Id, PayloadName.Input, job.Id.ToByteArray(), node.Get<RecordSeal>()));
        }

        await db.SaveChangesAsync(Stop);
        return await db.Jobs.OrderBy(job => job.Id).Select(job => job.Id).ToListAsync(Stop);
    }

    private static async Task HoldAsync(TestNode node, List<Guid> jobs, string key)
    {
        await using var db = node.Open();
        var payloads = await db.Payloads.AsNoTracking().ToListAsync(Stop);
        Assert.Equal(jobs.Order(), payloads.Select(payload => payload.JobId).Order());
        foreach (var payload in payloads)
        {
            Assert.True(payload.Content.AsSpan().StartsWith(RecordSeal.Header(key)));
            Assert.Equal(payload.JobId.ToByteArray(), payload.Open(node.Get<RecordSeal>()));
        }
    }

    private sealed class Sink(Action<RotationProgress> take) : IProgress<RotationProgress>
    {
        public void Report(RotationProgress value) => take(value);
    }
}
