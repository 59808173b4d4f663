using System.Formats.Tar;
using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node.Analyses;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Images;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>Models and analyses that an operator adds on the page.</summary>
public sealed class ProgramUploadTests : IDisposable
{
    private const string Model = """
        key: fever
        version: 1.2.0
        accuracy: 0.9
        image: ./wherever/it/was
        command: [/bin/run]
        requires: {observations: [{code: 8310-5, unit: Cel}]}
        output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}
        """;

    private const string Analysis = """
        key: visitor
        version: 1.0.0
        image: image
        command: [/bin/run]
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_adds_a_model_and_an_analysis_and_the_audit_says_who()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        using var added = await SendAsync(node, "/console/models", olga, ("manifest", Model), ("image", Image()), ("signature", ""));
        Assert.True(added.StatusCode == HttpStatusCode.SeeOther, await ReadAsync(added));
        Assert.Equal("/console/models/fever", added.Headers.Location!.ToString());
        using var analysis = await SendAsync(node, "/console/analyses", olga, ("manifest", Analysis), ("image", Image()));
        Assert.True(analysis.StatusCode == HttpStatusCode.SeeOther, await ReadAsync(analysis));
        using var sheet = await node.SendAsync(HttpMethod.Get, "/console/analyses/visitor", olga);
        Assert.Contains("visitor@1.0.0", await ReadAsync(sheet), StringComparison.Ordinal);

        var model = (await node.Services.GetRequiredService<ModelRegistry>().FindBestAsync("fever", Stop))!;
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(model.Root, "bin/run"), Stop));
        Assert.Equal(Model, model.Row.Manifest);
        Assert.Null(node.Services.GetRequiredService<ProgramRegistry>().FaultOf(model.Row));
        Assert.Contains((await node.Services.GetRequiredService<AnalysisRegistry>().TasksAsync(Stop)).Keys, key => key == "visitor");
        Assert.Equal(["model_added fever@1.2.0", "analysis_added visitor@1.0.0"], await ActsAsync(node, "olga"));
        Assert.Empty(Leftovers(node));
    }

    [Theory]
    [InlineData(Roles.Requester)]
    [InlineData(Roles.Steward)]
    [InlineData(Roles.Auditor)]
    public async Task Nobody_else_does(Roles role)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("ada", role);
        foreach (var path in new[] { "/console/models", "/console/analyses" })
        {
            using var refused = await SendAsync(node, path, key, ("manifest", Model), ("image", Image()));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using var page = await node.SendAsync(HttpMethod.Get, "/console/models", key);
        Assert.DoesNotContain("multipart/form-data", await ReadAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_sites_page_sends_with_an_operators_session_is_not_taken()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var olga = new PersonBrowser(node);
        await olga.SetUpAsync(await node.InviteAsync("olga", Roles.Operator));
        foreach (var (site, status) in new[] { ("cross-site", HttpStatusCode.Unauthorized), ("same-origin", HttpStatusCode.SeeOther) })
        {
            using var form = Form(("manifest", Model), ("image", Image()));
            Assert.Equal(status, (await olga.SendAsync(HttpMethod.Post, "/console/models", form, site)).Status);
        }
    }

    /// <summary>A field of the form, what its fault says, the names of the parts that are sent, and what is in each; tar is an image.</summary>
    public static TheoryData<string, string, string[], string[]> Faulty => new()
    {
        { "manifest", "line 3, column 11: accuracy: must be a number", ["manifest", "image"], [Model.Replace("0.9", "high", StringComparison.Ordinal), "tar"] },
        { "manifest", "choose a file", ["manifest", "image"], ["", "tar"] },
        { "image", "choose a file", ["manifest"], [Model] },
        { "image", "neither a squashfs file nor a tar file", ["manifest", "image"], [Model, "no image at all"] },
        { "image", "it holds no file /bin/other", ["manifest", "image"], [Model.Replace("/bin/run", "/bin/other", StringComparison.Ordinal), "tar"] },
        { "signature", "that file did not come", ["manifest", "image"], [Model + "\nsignature: ./image.sig", "tar"] },
        { "signature", "the manifest names none", ["manifest", "image", "signature"], [Model, "tar", "{}"] },
        { "signature", "must be 65536 bytes at most", ["manifest", "image", "signature"], [Model, "tar", new string('x', 70_000)] },
        { "manifest", "quick@1.0.0 is registered already", ["manifest", "image"], [Model.Replace("fever", "quick", StringComparison.Ordinal).Replace("1.2.0", "1.0.0", StringComparison.Ordinal), "tar"] },
        { "", "a field that is unknown here", ["manifest", "image", "../evil"], [Model, "tar", "x"] },
        { "", "has manifest twice", ["manifest", "manifest", "image"], [Model, Model, "tar"] },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task What_is_wrong_stands_at_its_field_and_nothing_stays(string field, string words, string[] names, string[] contents)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        using var refused = await SendAsync(node, "/console/models", olga, [.. names.Zip(contents, (name, content) => (name, content == "tar" ? Image() : (object)content))]);
        var page = await ReadAsync(refused);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(words, page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(field.Length > 0 ? $"id=\"model-{field}-f\"" : "href=\"#model\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Options.State, page, StringComparison.Ordinal);
        Assert.Empty(await ActsAsync(node, "olga"));
        Assert.Empty(Leftovers(node));
    }

    [Fact]
    public async Task An_image_larger_than_the_site_takes_is_refused_and_one_at_a_time_is_taken()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Models = new ProgramOptions { MaxImageMiB = 8 } });
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        // It says that more is to come, and holds the turn meanwhile.
        const string Boundary = "b";
        var beginning = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"i\"\r\n\r\nhsqs";
        using (await BeginAsync(node, olga, Boundary, 1 << 20, beginning))
        {
            await Wait.UntilAsync(() => Task.FromResult(Leftovers(node).Length > 0), "the folder of what arrives");
            using var second = await SendAsync(node, "/console/models", olga, ("manifest", Model), ("image", Image()));
            Assert.Contains("Another program is being added", await ReadAsync(second), StringComparison.Ordinal);
        }

        // Whoever sent it has gone.
        await Wait.UntilAsync(() => Task.FromResult(Leftovers(node).Length == 0), "its end");
        using var large = await SendAsync(node, "/console/models", olga, ("manifest", Model), ("image", new byte[10 << 20]));
        Assert.Contains("must be 8 MiB at most", await ReadAsync(large), StringComparison.Ordinal);
        using var little = await SendAsync(node, "/console/models", olga, ("manifest", Model), ("image", Image()));
        Assert.Equal(HttpStatusCode.SeeOther, little.StatusCode);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<System.Net.Sockets.TcpClient> BeginAsync(ServingNode node, string key, string boundary, long length, string beginning)
    {
        var client = new System.Net.Sockets.TcpClient(node.Client.BaseAddress!.Host, node.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /console/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {length}\r\n\r\n{beginning}"), Stop);
        return client;
    }

    /// <summary>An OCI archive with one program.</summary>
    private byte[] Image()
    {
        var file = _folder[$"{Guid.NewGuid():N}.tar"];
        var layout = Directory.CreateDirectory(_folder[$"{Guid.NewGuid():N}"]).FullName;
        new OciImageFile(layout).Layer(OciImageFile.FolderEntry("bin"), OciImageFile.FileEntry("bin/run", "hello")).Write();
        TarFile.CreateFromDirectory(layout, file, includeBaseDirectory: false);
        return File.ReadAllBytes(file);
    }

    private static string[] Leftovers(ServingNode node) =>
        [.. Directory.EnumerateDirectories(node.Services.GetRequiredService<StateFolder>().Models).Select(Path.GetFileName).Where(name => name!.Contains("ing-", StringComparison.Ordinal))!];

    private static MultipartFormDataContent Form(params (string Name, object Content)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, content) in parts)
            form.Add(content is byte[] bytes ? new ByteArrayContent(bytes) : new StringContent((string)content), $"\"{name}\"", content is "" ? "\"\"" : "file");
        return form;
    }

    private static async Task<HttpResponseMessage> SendAsync(ServingNode node, string path, string? key, params (string Name, object Content)[] parts)
    {
        using var form = Form(parts);
        return await node.SendAsync(HttpMethod.Post, path, key, form);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer) => WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop));

    private static async Task<IReadOnlyList<string>> ActsAsync(ServingNode node, string actor) =>
    [
        .. from entry in await node.AuditAsync()
           where entry.Actor == actor && entry.Action is (AuditAction.ModelAdded or AuditAction.AnalysisAdded)
           let detail = JsonNode.Parse(entry.Detail)!
           select $"{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(entry.Action.ToString())} {detail["model"] ?? detail["analysis"]}",
    ];
}
