using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Lazaret.Node.Delivery.Sending;

namespace Lazaret.Node.Cli.Demo;

/// <summary>Plays the chatbot's side of webhooks: takes messages on a free loopback port, and looks at their signatures.</summary>
internal sealed class DemoReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(JsonNode Message, bool Verified)> _told = new();

    private DemoReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/told", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _told.Enqueue((JsonNode.Parse(body.ToArray())!, Verify(request.Headers, body.ToArray())));
            return Results.NoContent();
        });
    }

    /// <summary>What the operator gave the chatbot.</summary>
    public string Secret { get; set; } = "";

    public Uri Url => new($"{_app.Urls.First()}/told");

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<(JsonNode Message, bool Verified)> Told => [.. _told];

    public static async Task<DemoReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var receiver = new DemoReceiver();
        await receiver._app.StartAsync(cancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private bool Verify(IHeaderDictionary headers, byte[] body)
    {
        var sent = DateTimeOffset.FromUnixTimeSeconds(long.Parse(headers[WebhookSignature.TimestampHeader].ToString(), CultureInfo.InvariantCulture));
        return headers[WebhookSignature.Header] == WebhookSignature.Sign(headers[WebhookSignature.IdHeader].ToString(), sent, body, [Secret]);
    }
}
