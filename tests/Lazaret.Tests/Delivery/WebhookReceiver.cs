using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lazaret.Tests.Delivery;

/// <summary>A webhook as it came in.</summary>
public sealed record ReceivedWebhook(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A receiver on a loopback port, a free one unless the test names it, which answers as the test says.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();

    private WebhookReceiver(Func<HttpContext, Task> answer, X509Certificate2? certificate, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received.Enqueue(new ReceivedWebhook(
                context.Request.Path,
                context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body.ToArray()));
            await answer(context);
        });
    }

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    public Uri Url { get; private set; } = null!;

    public static Task<WebhookReceiver> StartAsync(int status) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    public static async Task<WebhookReceiver> StartAsync(Func<HttpContext, Task> answer, X509Certificate2? certificate = null, int port = 0)
    {
        var receiver = new WebhookReceiver(answer, certificate, port);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        receiver.Url = new Uri($"{receiver._app.Urls.First()}/told?t=qvzx-token");
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        // Nobody waits for a receiver that hangs on purpose.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
