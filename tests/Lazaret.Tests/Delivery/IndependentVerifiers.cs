using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Delivery;

/// <summary>
/// Verifies deliveries with programs that share no line with the node: the functions that docs/webhooks.md gives to bot builders, and
/// the library of Standard Webhooks' own authors, which <c>./test</c> fetches into the folder <c>LAZARET_WEBHOOK_PACKAGES</c>.
/// </summary>
internal static partial class IndependentVerifiers
{
    private const string Python = "/usr/bin/python3";
    private const string Node = "/usr/bin/node";

    private static readonly string Packages = Environment.GetEnvironmentVariable("LAZARET_WEBHOOK_PACKAGES") ?? Repository.File("artifacts", "webhook-packages");

    /// <summary>The code block of this language in docs/webhooks.md that defines the function.</summary>
    public static string Documented(string language) =>
        Block().Matches(File.ReadAllText(Repository.File("docs", "webhooks.md"))).Single(block => block.Groups["language"].Value == language).Groups["code"].Value;

    /// <summary>Whether the documented functions in Python, JavaScript and C# take the signature at this time; they must agree.</summary>
    public static async Task<bool> VerifyAsDocumentedAsync(string secret, ReceivedWebhook webhook, DateTimeOffset now)
    {
        var python = await RunAsync(Python, "python3", $$"""
            import base64, json, sys
            {{Documented("python")}}
            given = json.load(sys.stdin)
            print(json.dumps(verify(given["secret"], given["headers"], base64.b64decode(given["body"]), given["now"])))
            """, secret, webhook, now);
        var javaScript = await RunAsync(Node, "nodejs", $$"""
            {{Documented("js")}}
            const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
            console.log(JSON.stringify(verify(given.secret, given.headers, Buffer.from(given.body, "base64"), given.now)));
            """, secret, webhook, now);
        var csharp = DocumentedVerifier.Holds(secret, webhook, now);
        Assert.True(python == javaScript && javaScript == csharp, $"Python says {python}, JavaScript {javaScript}, C# {csharp}");
        return python;
    }

    /// <summary>With the library <c>standardwebhooks</c>.</summary>
    public static async Task<bool> VerifyWithTheLibraryAsync(string secret, ReceivedWebhook webhook, DateTimeOffset now)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Packages, "node_modules", "standardwebhooks")), $"npm install --prefix {Packages} standardwebhooks@1.1.1");
        return await RunAsync(Node, "nodejs", $$"""
            const { Webhook } = require("{{Packages}}/node_modules/standardwebhooks");
            const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
            Date.now = () => given.now * 1000;
            try {
              new Webhook(given.secret).verify(Buffer.from(given.body, "base64").toString("utf8"), given.headers);
              console.log("true");
            } catch { console.log("false"); }
            """, secret, webhook, now);
    }

    private static async Task<bool> RunAsync(string program, string package, string script, string secret, ReceivedWebhook webhook, DateTimeOffset now)
    {
        ServerProcess.Require(program, package);
        using var folder = new TemporaryFolder();
        var file = folder["script.cjs"];
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        using var process = Process.Start(new ProcessStartInfo(program, [file]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        await JsonSerializer.SerializeAsync(
            process.StandardInput.BaseStream,
            new { secret, headers = webhook.Headers, body = Convert.ToBase64String(webhook.Body), now = now.ToUnixTimeSeconds() },
            cancellationToken: TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return bool.Parse(answer.Trim());
    }

    [GeneratedRegex("^```(?<language>python|js|csharp)\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
