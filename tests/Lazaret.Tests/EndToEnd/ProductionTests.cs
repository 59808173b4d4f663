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
        Assert.Contains("it isolates nothing, and the environment is Production", lines[2], StringComparison.Ordinal);

        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["keys", "init"], Production)).ExitCode);
        await using var node = await NodeProcess.ServeAsync(_folder.Path, Production, ("Lazaret__Auth__Modes__0", "key"));
        using var refused = await node.Client.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
    }
}
