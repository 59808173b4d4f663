using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Jobs;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Delivery;

public sealed class DeliverySqliteTests() : DeliveryConformance(DatabaseUnderTest.SqliteAsync);

public sealed class DeliveryPostgresTests() : DeliveryConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What the outbox promises, on each database.</summary>
public abstract class DeliveryConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_ends_is_told_once_and_the_message_verifies()
    {
        await using var receiver = await WebhookReceiver.StartAsync(204);
        await using var node = await TellingNode.StartAsync(start);
        var job = await node.CompleteAsync(receiver.Url);
        Assert.Equal(1, await node.DeliverAsync());
        Assert.Equal(0, await node.DeliverAsync());

        var told = Assert.Single(receiver.Received);
        Assert.True(await IndependentVerifiers.VerifyAsDocumentedAsync(node.Secret, told, node.Time.GetUtcNow()));
        Assert.Equal(
            $$$"""{"type":"job.completed","timestamp":"2026-03-01T12:00:00Z","data":{"job_id":"{{{job.Id}}}","status":"COMPLETED"}}""",
            Encoding.UTF8.GetString(told.Body));
        Assert.Equal("application/json", told.Headers["content-type"]);
        Assert.DoesNotContain("x-clinisandbox-signature", told.Headers.Keys);
        Assert.DoesNotContain("traceparent", told.Headers.Keys);

        var delivery = await node.DeliveryAsync();
        Assert.Equal((DeliveryState.Delivered, delivery.Delivery.MessageId), (delivery.Delivery.State, told.Headers["webhook-id"]));
        Assert.Equal((AttemptEnd.Taken, 204), (delivery.Attempts[0].Ending, delivery.Attempts[0].Status));
        Assert.Contains(AuditAction.WebhookDelivered, await node.AuditAsync());
    }

    [Fact]
    public async Task Whatever_ends_a_job_is_told_and_a_job_without_a_url_tells_nobody()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        await using var node = await TellingNode.StartAsync(start);
        await node.CompleteAsync(receiver.Url);
        await node.AdmitAsync(receiver.Url);
        await node.ConcludeAsync(new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1"));
        await node.AdmitAsync(receiver.Url);
        await node.ConcludeAsync(new RunReport.Blocked([]));
        var cancelled = await node.AdmitAsync(receiver.Url);
        await node.Get<JobQueue>().CancelAsync(cancelled.Id, JobKind.Diagnosis, "local", Stop);
        await node.AdmitAsync(null);
        await node.ConcludeAsync(new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1"));
        await node.AdmitAsync(receiver.Url);
        while (await node.Get<JobQueue>().ClaimAsync("process", Unrunnable.None, Stop) is not null)
            node.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(5, await node.DeliverAsync());
        Assert.Equal(
            [("job.blocked", "FAILED"), ("job.cancelled", "FAILED"), ("job.completed", "COMPLETED"), ("job.failed", "FAILED"), ("job.failed", "FAILED")],
            receiver.Received.Select(told => JsonNode.Parse(told.Body)!).Select(body => ((string)body["type"]!, (string)body["data"]!["status"]!)).Order());
    }

    [Fact]
    public async Task An_outcome_that_is_not_written_is_not_told()
    {
        await using var node = await TellingNode.StartAsync(start);
        await node.AdmitAsync(new Uri("http://127.0.0.1:9/"));
        var queue = node.Get<JobQueue>();
        var slow = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;
        node.Time.Advance(TimeSpan.FromMinutes(1));
        var quick = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.Null(await queue.ConcludeAsync(slow, new RunReport.Released([1], []), Stop));
        Assert.Empty(await node.Get<DeliveryLog>().ListAsync(null, 10, Stop));
        Assert.NotNull(await queue.ConcludeAsync(quick, new RunReport.Failed(RunEnd.Exited, "x"), Stop));
        Assert.Equal("job.failed", (await node.DeliveryAsync()).Delivery.Type);
    }

    [Fact]
    public async Task A_receiver_that_fails_is_tried_again_for_days_then_given_up_and_can_be_told_again()
    {
        var status = 500;
        await using var receiver = await WebhookReceiver.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using var node = await TellingNode.StartAsync(start);
        await node.CompleteAsync(receiver.Url);
        var began = node.Time.GetUtcNow();
        for (var attempt = 1; attempt <= 10; attempt++)
        {
            Assert.Equal(1, await node.DeliverAsync());
            var pending = (await node.DeliveryAsync()).Delivery;
            Assert.Equal(attempt < 10 ? DeliveryState.Pending : DeliveryState.Failed, pending.State);
            node.Time.Advance(pending.DueAt - node.Time.GetUtcNow() - TimeSpan.FromSeconds(1));
            Assert.Equal(0, await node.DeliverAsync());
            node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(node.Time.GetUtcNow() - began, TimeSpan.FromDays(2.5), TimeSpan.FromDays(4));
        Assert.Equal(0, await node.DeliverAsync());
        Assert.Contains(AuditAction.WebhookGivenUp, await node.AuditAsync());

        status = 200;
        var delivery = await node.DeliveryAsync();
        Assert.IsType<Redelivery.Due>(await node.Get<DeliveryQueue>().RedeliverAsync(delivery.Delivery.Id, AuditEntry.Operator, Stop));
        Assert.Equal(1, await node.DeliverAsync());
        delivery = await node.DeliveryAsync();
        Assert.Equal(DeliveryState.Delivered, delivery.Delivery.State);
        Assert.Equal([.. Enumerable.Repeat((AttemptEnd.Refused, 500), 10), (AttemptEnd.Taken, 200)], delivery.Attempts.Select(attempt => (attempt.Ending, attempt.Status!.Value)));

        // Every attempt is the same message, signed anew.
        Assert.Single(receiver.Received.Select(told => (told.Headers["webhook-id"], Encoding.UTF8.GetString(told.Body))).Distinct());
        Assert.Equal(11, receiver.Received.Select(told => told.Headers["webhook-timestamp"]).Distinct().Count());
        Assert.Null(await node.Get<DeliveryQueue>().RedeliverAsync(Guid.NewGuid(), AuditEntry.Operator, Stop));
    }

    [Fact]
    public async Task A_receiver_that_was_down_is_told_when_it_is_back()
    {
        await using var node = await TellingNode.StartAsync(start);
        var down = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}/");
        await node.CompleteAsync(down);
        Assert.Equal(1, await node.DeliverAsync());
        var delivery = await node.DeliveryAsync();
        Assert.Equal((DeliveryState.Pending, AttemptEnd.Disconnected), (delivery.Delivery.State, delivery.Attempts[0].Ending));
        Assert.InRange(delivery.Delivery.DueAt - node.Time.GetUtcNow(), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task A_410_disables_the_endpoint_until_the_operator_enables_it()
    {
        var status = 410;
        await using var receiver = await WebhookReceiver.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using var node = await TellingNode.StartAsync(start);
        await node.CompleteAsync(receiver.Url);
        await node.CompleteAsync(receiver.Url);
        Assert.Equal(2, await node.DeliverAsync());
        Assert.Single(receiver.Received);
        var deliveries = await node.Get<DeliveryLog>().ListAsync(DeliveryState.Failed, 10, Stop);
        Assert.Equal([AttemptEnd.Gone, AttemptEnd.EndpointDisabled], deliveries.SelectMany(delivery => delivery.Attempts).Select(attempt => attempt.Ending).Order());
        Assert.Single(await node.AuditAsync(), AuditAction.WebhookEndpointDisabled);

        // A request that names it is refused, and it is not tried again.
        var endpoints = node.Get<WebhookEndpoints>();
        Assert.Contains("410", (await endpoints.FaultAsync("local", receiver.Url, Stop))!.Message, StringComparison.Ordinal);
        var endpoint = Assert.Single(await endpoints.ListAsync(Stop));
        Assert.Equal(endpoint.Id, Assert.IsType<Redelivery.Disabled>(await node.Get<DeliveryQueue>().RedeliverAsync(deliveries[0].Delivery.Id, AuditEntry.Operator, Stop)).Endpoint);
        Assert.Equal(0, await node.DeliverAsync());

        status = 200;
        Assert.True(await endpoints.ChangeAsync(endpoint.Id, enabled: true, legacySignature: null, AuditEntry.Operator, Stop));
        Assert.Null(await endpoints.FaultAsync("local", receiver.Url, Stop));
        foreach (var delivery in deliveries)
            await node.Get<DeliveryQueue>().RedeliverAsync(delivery.Delivery.Id, AuditEntry.Operator, Stop);
        Assert.Equal(2, await node.DeliverAsync());
        Assert.Equal(3, receiver.Received.Count);
    }

    [Fact]
    public async Task Many_deliverers_at_once_make_every_attempt_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        await using var node = await TellingNode.StartAsync(start);
        for (var i = 0; i < 20; i++)
            await node.CompleteAsync(receiver.Url);
        var attempts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(node.DeliverAsync, Stop)));
        Assert.Equal(20, attempts.Sum());
        Assert.Equal(20, receiver.Received.Select(told => told.Headers["webhook-id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_deliverer_that_died_is_replaced_and_writes_nothing_when_it_wakes()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        await using var node = await TellingNode.StartAsync(start);
        await node.CompleteAsync(receiver.Url);
        var queue = node.Get<DeliveryQueue>();
        var dead = (await queue.ClaimAsync([], Stop))!;
        Assert.Null(await queue.ClaimAsync([], Stop));
        node.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await node.DeliverAsync());
        Assert.False(await queue.ConcludeAsync(dead, new AttemptOutcome.Refused(500, null), node.Time.GetUtcNow(), Stop));
        Assert.Equal((DeliveryState.Delivered, 2), ((await node.DeliveryAsync()).Delivery.State, (await node.DeliveryAsync()).Delivery.Attempts));
    }

    [Fact]
    public async Task An_endpoint_that_has_its_share_is_passed_over()
    {
        await using var node = await TellingNode.StartAsync(start);
        await node.CompleteAsync(new Uri("http://127.0.0.1:9/slow"));
        node.Time.Advance(TimeSpan.FromSeconds(1));
        await node.CompleteAsync(new Uri("http://127.0.0.1:9/quick"));
        var slow = (await node.Get<DeliveryQueue>().ClaimAsync([], Stop))!;
        node.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(slow.Id, (await node.Get<DeliveryQueue>().ClaimAsync([slow.EndpointId], Stop))!.Id);
        Assert.Null(await node.Get<DeliveryQueue>().ClaimAsync([slow.EndpointId], Stop));
    }

    [Fact]
    public async Task While_secrets_rotate_either_one_verifies_and_afterwards_the_new_one_alone()
    {
        await using var receiver = await WebhookReceiver.StartAsync(200);
        await using var node = await TellingNode.StartAsync(start);
        var next = await node.Get<WebhookSecrets>().RotateAsync("local", TimeSpan.FromHours(24), AuditEntry.Operator, Stop);
        await node.CompleteAsync(receiver.Url);
        await node.DeliverAsync();
        node.Time.Advance(TimeSpan.FromHours(25));
        await node.CompleteAsync(receiver.Url);
        await node.DeliverAsync();

        var during = receiver.Received[0];
        var then = node.Time.GetUtcNow() - TimeSpan.FromHours(25);
        Assert.True(DocumentedVerifier.Holds(node.Secret, during, then));
        Assert.True(DocumentedVerifier.Holds(next, during, then));
        Assert.False(DocumentedVerifier.Holds(node.Secret, receiver.Received[1], node.Time.GetUtcNow()));
        Assert.True(DocumentedVerifier.Holds(next, receiver.Received[1], node.Time.GetUtcNow()));
        Assert.Single(await node.Get<WebhookSecrets>().ListAsync("local", Stop));
    }

    [Fact]
    public async Task One_url_is_one_endpoint_however_often_it_comes()
    {
        await using var node = await TellingNode.StartAsync(start);
        var url = new Uri("https://bot.example/told?t=qvzx-token");
        var endpoints = node.Get<WebhookEndpoints>();
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => (await endpoints.FindOrAddAsync("local", url, Stop)).Id, Stop)));
        Assert.Single(ids.Distinct());
        Assert.NotEqual(ids[0], (await endpoints.FindOrAddAsync("another", url, Stop)).Id);
        Assert.Contains("secret", (await endpoints.FaultAsync("another", url, Stop))!.Message, StringComparison.Ordinal);
    }
}
