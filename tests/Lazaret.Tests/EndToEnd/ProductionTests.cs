using System.Net;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The environment Production, from outside.</summary>
public sealed class ProductionTests : IDisposable
{
    private static readonly (string Key, string Value) Production = ("DOTNET_ENVIRONMENT", "Production");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_start_lacks_is_said_at_once_and_mended_by_what_is_said()
    {
        var (exitCode, output, error) = await NodeProcess.RunAsync(_folder.Path, ["serve", "--urls", "http://127.0.0.1:0"], Production, ("Lazaret__Sandbox__Backend", "process"));
        Assert.Equal((3, ""), (exitCode, output));
        var lines = error.Trim().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("lazaret: ", line, StringComparison.Ordinal));
        Assert.Contains("set Lazaret:Auth:Modes:0=key", lines[0], StringComparison.Ordinal);
        Assert.Contains("lazaret keys init", lines[1], StringComparison.Ordinal);
        Assert.Contains("it isolates nothing, and the environment is Production: name another one in Lazaret:Sandbox:Backend, or leave it at auto", lines[2], StringComparison.Ordinal);
        // An empty folder, as that of a disk that is not mounted, does not become a node.
        Assert.Contains("whether its disk is mounted", lines[1], StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["lazaret.db"]));

        // What is wrong with the settings comes with what Production lacks.
        (exitCode, _, error) = await NodeProcess.RunAsync(
            _folder.Path,
            ["serve", "--urls", "http://0.0.0.0:0;https://0.0.0.0:0"],
            Production,
            ("Lazaret__Auth__Modes__0", "oidc"), ("Lazaret__Auth__Oidc__ClientId", "lazaret"), ("Lazaret__Jobs__LeaseSeconds", "0"), ("Lazaret__Sandbox__Backend", "process"), ("Lazaret__Tls__Certificate", "nowhere.pem"),
            ("Lazaret__Queue__Provider", "redis"));
        Assert.Equal(2, exitCode);
        foreach (var part in new[] { "nowhere.pem", "ConnectionStrings:Redis", "Lazaret:Auth:Oidc:Authority", "Lazaret:Auth:Oidc:Roles", "Lazaret:Jobs:LeaseSeconds", "in clear", "lazaret keys init", "name another one in Lazaret:Sandbox:Backend" })
            Assert.Contains(part, error, StringComparison.Ordinal);

        // So does a database, a queue and a secret that cannot be found.
        (exitCode, _, error) = await NodeProcess.RunAsync(
            _folder.Path,
            ["serve", "--urls", "http://0.0.0.0:0"],
            Production,
            ("Lazaret__Auth__Modes__0", "oidc"), ("Lazaret__Auth__Oidc__Authority", "https://staff.example"), ("Lazaret__Auth__Oidc__ClientId", "lazaret"), ("Lazaret__Auth__Oidc__Roles__x", "steward"),
            ("Lazaret__Auth__Oidc__ClientSecretFile", "nowhere"), ("Lazaret__Database__Provider", "postgres"), ("Lazaret__Queue__Provider", "redis"));
        Assert.Equal(3, exitCode);
        foreach (var part in new[] { "nowhere: there is no such file", "ConnectionStrings:Lazaret", "ConnectionStrings:Redis", "in clear" })
            Assert.Contains(part, error, StringComparison.Ordinal);

        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["keys", "init"], Production)).ExitCode);
        await using var node = await NodeProcess.ServeAsync(_folder.Path, Production, ("Lazaret__Auth__Modes__0", "key"));
        using var refused = await node.Client.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Of_keys_that_others_may_read_each_is_said_with_its_mode_alone()
    {
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["keys", "init"], Production)).ExitCode);
        await using (await NodeProcess.ServeAsync(_folder.Path, Production, ("Lazaret__Auth__Modes__0", "key")))
        {
        }

        foreach (var file in new[] { "keys.json", "audit-key.pem" })
            File.SetUnixFileMode(_folder[file], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (exitCode, _, error) = await NodeProcess.RunAsync(_folder.Path, ["serve", "--urls", "http://127.0.0.1:0"], Production, ("Lazaret__Auth__Modes__0", "key"));
        Assert.Equal(3, exitCode);
        Assert.Equal(["audit-key.pem", "keys.json"], error.Trim().Split('\n').Select(line => line.Split('/')[^1]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("copy", error, StringComparison.Ordinal);
    }
}
