using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Identity.People;

/// <summary>What the built binary says of people.</summary>
public sealed class PeopleCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_link_is_printed_alone_and_what_else_is_needed_takes_no_mode_away()
    {
        var added = await NodeProcess.RunAsync(_folder.Path, ["people", "add", "ada", "--role", "steward"], ("Lazaret__Auth__Modes__0", "key"));
        Assert.Equal(0, added.ExitCode);
        Assert.Matches(@"\Ahttp://localhost:8080/sign-in/setup#[\w-]{43}\n\z", added.Output);
        Assert.Contains("add accounts to Lazaret:Auth:Modes", added.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Modes:0", added.Error, StringComparison.Ordinal);
        Assert.Contains("name the address by --url", added.Error, StringComparison.Ordinal);
        var ready = await NodeProcess.RunAsync(_folder.Path, ["people", "add", "ada", "--url", "https://lazaret.hospital.example"], ("Lazaret__Auth__Modes__0", "accounts"));
        Assert.Equal((0, ""), (ready.ExitCode, ready.Error));
    }

    public void Dispose() => _folder.Dispose();
}
