using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lazaret.Tests.Identity.Tokens;

/// <summary>An issuer's web server on loopback: a JWK set at <c>/jwks</c>, and a discovery document that names it.</summary>
internal sealed class KeyServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private int _read;

    private KeyServer(WebApplication server) => _server = server;

    public Uri Root => new(_server.Urls.Single());

    public Uri Keys => new(Root, "/jwks");

    /// <summary>What it shows.</summary>
    public string Document { get; set; } = "";

    public string Issuer { get; set; } = "";

    /// <summary>What it waits for before it answers.</summary>
    public Task Answers { get; set; } = Task.CompletedTask;

    /// <summary>How often the keys were read.</summary>
    public int Read => Volatile.Read(ref _read);

    public static async Task<KeyServer> StartAsync(params IReadOnlyList<TokenSigner> signers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new KeyServer(builder.Build()) { Document = TokenSigner.Jwks(signers) };
        server._server.MapGet("/jwks", async (HttpContext http) =>
        {
            Interlocked.Increment(ref server._read);
            await server.Answers.WaitAsync(http.RequestAborted);
            return Results.Text(server.Document, "application/json");
        });
        server._server.MapGet("/moved", () => Results.Redirect("/jwks"));
        server._server.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = server.Issuer, jwks_uri = server.Keys }));
        await server._server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
