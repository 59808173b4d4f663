using System.Net.Sockets;
using Lazaret.Node;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http;
using Lazaret.Node.Models;
using Lazaret.Tests.EndToEnd;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lazaret.Tests.Http;

/// <summary>The node in this process, on a free loopback port, with the tiny cohort and a model that needs one observation. Nobody runs its jobs.</summary>
internal sealed class ServingNode : IAsyncDisposable
{
    public const string Model = "quick";

    private const string Free = "http://127.0.0.1:0";

    private readonly TemporaryFolder? _folder;
    private readonly NodeOptions _options;
    private readonly WebApplication _node;
    private readonly (string Key, string Value)? _setting;

    private ServingNode(TemporaryFolder? folder, NodeOptions options, WebApplication node, (string Key, string Value)? setting)
    {
        (_folder, _options, _node, _setting) = (folder, options, node, setting);
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(node.Urls.Single()) };
    }

    /// <summary>It follows no redirect: a form's answer is what the node sends.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _node.Services;

    public NodeOptions Options => _options;

    public static async Task<ServingNode> StartAsync(Func<NodeOptions, NodeOptions>? with = null, string url = Free, (string Key, string Value)? setting = null)
    {
        var folder = new TemporaryFolder();
        var options = new NodeOptions
        {
            State = folder["state"],
            Data = new DataOptions { View = TinySite.Folder },
            Disclosure = OpenPolicy.Options,
            // Tests send faster than people do.
            Http = new HttpOptions { RequestsPerSecond = 0, RequestsPerSecondPerAddress = 0 },
        };
        options = with?.Invoke(options) ?? options;
        var node = await BuildAsync(options, url, setting);
        var manifest = ShellModel.Write(folder["models"], Model, "true", "{observations: [{code: 8310-5, unit: Cel}]}", "{diagnosis: {enum: [POSITIVE, NEGATIVE]}}");
        await node.Services.GetRequiredService<ModelRegistry>().AddAsync(manifest, TestContext.Current.CancellationToken);
        await node.StartAsync(TestContext.Current.CancellationToken);
        return new ServingNode(folder, options, node, setting);
    }

    /// <summary>Another node on the same state folder and database.</summary>
    public async Task<ServingNode> BesideAsync(Func<NodeOptions, NodeOptions>? with = null)
    {
        var node = await BuildAsync(with?.Invoke(_options) ?? _options, Free, _setting);
        await node.StartAsync(TestContext.Current.CancellationToken);
        return new ServingNode(null, _options, node, _setting);
    }

    /// <summary>A connection on which a request has begun: its head, and the beginning of a body that is to be <paramref name="length"/> bytes long.</summary>
    public async Task<TcpClient> BeginAsync(string path, string contentType, long length, ReadOnlyMemory<byte> beginning)
    {
        var client = new TcpClient(Client.BaseAddress!.Host, Client.BaseAddress.Port);
        var head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\n\r\n";
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(beginning, TestContext.Current.CancellationToken);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _node.StopAsync();
        await _node.DisposeAsync();
        if (_folder is null)
            return;
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private static Task<WebApplication> BuildAsync(NodeOptions options, string url, (string Key, string Value)? setting) => NodeHost.BuildAsync(
        options, new ConfigurationBuilder().AddInMemoryCollection(setting is var (key, value) ? [KeyValuePair.Create<string, string?>(key, value)] : []).Build(), [url], NodeRole.Api, TestContext.Current.CancellationToken, LogLevel.Critical);
}
