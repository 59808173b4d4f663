using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Cli;

/// <summary>A command line that is not understood is answered by one line, which says what there is.</summary>
public sealed class ParseFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("", "a command is missing: there are init, serve, ")]
    [InlineData("serv", "there is no command 'serv': there are init, serve, ", "(see 'lazaret --help')")]
    [InlineData("site chek here", "there is no command 'chek': there are init, check, ", "import-bids (see 'lazaret site --help')")]
    [InlineData("demo --sta", "there is no option --sta: there are --stay")]
    [InlineData("backup", "file is missing: the backup (see 'lazaret backup --help')")]
    [InlineData("site check", "DIR is missing: the data view (see 'lazaret site check --help')")]
    [InlineData("site check a b", "'b' is one argument too many")]
    [InlineData("jobs log abc", "JOB: 'abc' is no id like ")]
    [InlineData("nifti resample a.nii --onto b.nii --out", "--out: needs a value")]
    [InlineData("audit verify --from x", "--from", "'x'")]
    [InlineData("audit verify --from 0", "links are counted from 1")]
    [InlineData("cohort run", "--outcome is missing: the outcome's name")]
    [InlineData("serve --role --help", "--role: needs a value: all, api (only admits) or work (only runs jobs) (see 'lazaret serve --help')")]
    [InlineData("serve --role boss", "--role: ", "'boss'", "'work'")]
    public async Task A_slip_is_answered_with_what_there_is(string line, params string[] parts)
    {
        var run = await NodeProcess.RunAsync(_folder.Path, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        var said = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(parts, part => Assert.Contains(part, said, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}
