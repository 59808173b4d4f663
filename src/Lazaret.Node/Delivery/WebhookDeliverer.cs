using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Delivery;

/// <summary>Delivers what is due, several at once. Any number of processes may do so beside each other.</summary>
internal sealed partial class WebhookDeliverer(
    DeliveryQueue queue,
    JobResults jobs,
    WebhookSecrets secrets,
    RecordSeal seal,
    WebhookSender sender,
    IDbContextFactory<LazaretDb> databases,
    WebhookOptions options,
    DeliveryMetrics metrics,
    TimeProvider time,
    ILogger<WebhookDeliverer> logger) : BackgroundService
{
    private readonly Outage _claiming = new(logger, "The webhooks that are due cannot be read, and none is sent");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var attempts = new List<(Guid Endpoint, Task Task)>();
        try
        {
            while (true)
            {
                attempts.RemoveAll(attempt => attempt.Task.IsCompleted);
                // The attempts at one endpoint are limited, so that a slow receiver does not delay the others.
                var busy = attempts.CountBy(attempt => attempt.Endpoint).Where(count => count.Value >= options.EndpointConcurrency).Select(count => count.Key).ToList();
                if (attempts.Count < options.Concurrency && await ClaimAsync(busy, stoppingToken) is { } claimed)
                    attempts.Add((claimed.EndpointId, AttemptAsync(claimed, stoppingToken)));
                else
                    await Task.WhenAny([Task.Delay(options.Poll, time, stoppingToken), .. attempts.Select(attempt => attempt.Task)]);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(attempts.Select(attempt => attempt.Task));
        }
    }

    /// <summary>
    /// One attempt at one delivery.
    /// <list type="number">
    /// <item>Read the endpoint, the job and the secrets as they are now.</item>
    /// <item>Make the message, and send it.</item>
    /// <item>Write what became of it.</item>
    /// </list>
    /// </summary>
    internal async Task AttemptAsync(WebhookDelivery claimed, CancellationToken stoppingToken)
    {
        try
        {
            var began = time.GetUtcNow();
            var (outcome, host) = await SendAsync(claimed, stoppingToken);

            // 3. Write what became of it, also while stopping.
            var written = await queue.ConcludeAsync(claimed, outcome, began, CancellationToken.None);
            metrics.Attempted(outcome.Ending, time.GetUtcNow() - began);
            if (written)
                LogAttempt(claimed.Id, claimed.Attempts, host, outcome.Ending, outcome.Status);
            else
                LogLeaseLost(claimed.Id, claimed.Attempts);
        }
        catch (Exception e)
        {
            // The database is down or full: the lease will lapse, and another attempt be made.
            LogUnwritten(claimed.Id, Outage.CauseOf(e));
        }
    }

    private async Task<(AttemptOutcome Outcome, string Host)> SendAsync(WebhookDelivery claimed, CancellationToken stoppingToken)
    {
        var host = "";
        try
        {
            // 1. Read the endpoint, the job and the secrets.
            await using var db = await databases.CreateDbContextAsync(stoppingToken);
            var endpoint = await db.WebhookEndpoints.AsNoTracking().SingleAsync(e => e.Id == claimed.EndpointId, stoppingToken);
            host = endpoint.Host;
            if (endpoint.DisabledAt is not null)
                return (new AttemptOutcome.Unanswered(AttemptEnd.EndpointDisabled), host);
            var job = await jobs.FindAsync(claimed.JobId, JobKind.Diagnosis, endpoint.Requester, stoppingToken)
                ?? throw new InvalidOperationException("the job is gone");

            // 2. Make the message, and send it.
            var body = WebhookMessage.Write(claimed, job, options.IncludeResult);
            return (await sender.SendAsync(
                endpoint.Open(seal), claimed.MessageId, body, await secrets.OpenAsync(endpoint.Requester, stoppingToken), endpoint.LegacySignature, stoppingToken), host);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return (new AttemptOutcome.Unanswered(AttemptEnd.Stopped), host);
        }
        catch (Exception e)
        {
            LogHostFault(e, claimed.Id);
            return (new AttemptOutcome.Unanswered(AttemptEnd.HostFault), host);
        }
    }

    private async Task<WebhookDelivery?> ClaimAsync(IReadOnlyCollection<Guid> busy, CancellationToken stoppingToken)
    {
        try
        {
            var claimed = await queue.ClaimAsync(busy, stoppingToken);
            _claiming.Passed();
            return claimed;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The database is down or full: the deliveries are safe in it, and the next look comes soon.
            _claiming.Failed(e);
            return null;
        }
    }
}
