using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lazaret.Tests.Identity.People;

/// <summary>Debian's Chromium without a window, with one page, driven by the DevTools protocol.</summary>
internal sealed partial class Chromium : IAsyncDisposable
{
    private const string Program = "chromium";

    private readonly TemporaryFolder _profile = new();
    private readonly ClientWebSocket _tools = new();
    private readonly Process _process;
    private string? _page;
    private int _last;

    private Chromium(string[] drawing) => _process = Process.Start(new ProcessStartInfo(
        Program, ["--headless=new", "--no-sandbox", .. drawing, "--no-first-run", "--hide-scrollbars", "--force-prefers-reduced-motion", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={_profile["profile"]}", "about:blank"])
    { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts it; the test is skipped where there is none.</summary>
    /// <param name="draws">Whether pages may draw with WebGL, which a processor computes then.</param>
    public static async Task<Chromium> StartAsync(bool draws = false)
    {
        var missing = !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Program)));
        if (Environment.GetEnvironmentVariable("CI") is null)
            Assert.SkipWhen(missing, "chromium not found: apt install chromium");
        var browser = new Chromium(draws ? ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"] : ["--disable-gpu"]);
        while (await browser._process.StandardError.ReadLineAsync(Stop) is { } line)
        {
            if (Listening().Match(line) is not { Success: true } listening)
                continue;
            _ = browser._process.StandardError.ReadToEndAsync(CancellationToken.None);
            await browser._tools.ConnectAsync(new Uri(listening.Groups["url"].Value), Stop);
            var target = await browser.CallAsync("Target.createTarget", new() { ["url"] = "about:blank" });
            var attached = await browser.CallAsync("Target.attachToTarget", new() { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true });
            browser._page = attached["sessionId"]!.GetValue<string>();
            return browser;
        }

        await browser.DisposeAsync();
        throw new InvalidOperationException($"{Program} ended before it listened");
    }

    /// <summary>An authenticator that keeps passkeys and always finds its owner.</summary>
    public async Task<string> AddAuthenticatorAsync()
    {
        await CallAsync("WebAuthn.enable", []);
        return (await CallAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new JsonObject
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        }))["authenticatorId"]!.GetValue<string>();
    }

    public Task GoAsync(string url) => CallAsync("Page.navigate", new() { ["url"] = url });

    /// <summary>The value of an expression on the page.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return answer["result"]!["value"];
    }

    /// <summary>A text on the page.</summary>
    public async Task<string> TextAsync(string expression) => (await EvaluateAsync(expression))!.GetValue<string>();

    /// <summary>Chooses a file as a person does.</summary>
    /// <param name="field">The field's selector.</param>
    public async Task ChooseFileAsync(string field, string file)
    {
        await CallAsync("DOM.enable", []);
        var root = (await CallAsync("DOM.getDocument", []))["root"]!["nodeId"]!.GetValue<int>();
        var found = (await CallAsync("DOM.querySelector", new() { ["nodeId"] = root, ["selector"] = field }))["nodeId"]!.GetValue<int>();
        await CallAsync("DOM.setFileInputFiles", new() { ["nodeId"] = found, ["files"] = new JsonArray(file) });
    }

    /// <summary>Waits until an expression holds on the page, whichever page that is by then, and the page's script has run.</summary>
    public Task UntilAsync(string expression) => Wait.UntilAsync(
        async () =>
        {
            try
            {
                return await EvaluateAsync($"document.readyState === 'complete' && Boolean({expression})") is { } value && value.GetValue<bool>();
            }
            catch (InvalidOperationException e) when (e.Message.Contains("navigated", StringComparison.Ordinal))
            {
                // Another page came while it was asked.
                return false;
            }
        },
        expression);

    /// <summary>Shows the page as in a window of this width, in one of the two schemes.</summary>
    public async Task ShowAsync(bool dark, int width)
    {
        await CallAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }) });
        await CallAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
    }

    public async Task<byte[]> PictureAsync(bool dark, int width)
    {
        await ShowAsync(dark, width);
        var picture = await CallAsync("Page.captureScreenshot", new() { ["format"] = "png", ["captureBeyondViewport"] = true });
        return Convert.FromBase64String(picture["data"]!.GetValue<string>());
    }

    public async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_last;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_page is not null && !method.StartsWith("Target.", StringComparison.Ordinal))
            call["sessionId"] = _page;
        await _tools.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, true, Stop);
        while (true)
        {
            var message = await ReceiveAsync();
            // The rest are events.
            if (message["id"]?.GetValue<int>() == id)
                return message["error"] is { } error ? throw new InvalidOperationException($"{method}: {error}") : message["result"]!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _tools.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Dispose();
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var part = new byte[1 << 16];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _tools.ReceiveAsync(part.AsMemory(), Stop);
            message.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return JsonNode.Parse(message.ToArray())!;
    }

    [GeneratedRegex(@"DevTools listening on (?<url>ws://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
