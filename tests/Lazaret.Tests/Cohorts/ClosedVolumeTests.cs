using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Tests.Cohort;

namespace Lazaret.Tests.Cohorts;

/// <summary>A data view that somebody closes to the node's user while the node runs, and opens again.</summary>
public sealed class ClosedVolumeTests : IDisposable
{
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly SmallSite _site = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData("every volume")]
    [InlineData("one volume")]
    [InlineData("their folder")]
    [InlineData("the view")]
    public async Task What_may_not_be_read_any_more_is_told_so_and_asked_about_again_once_it_may(string what)
    {
        await using var node = await TestNode.StartAsync(new() { Data = new DataOptions { View = _site.Path } });
        var site = node.Get<CohortSite>();
        Assert.NotNull(await node.Get<SiteStore>().RefreshAsync(site.Read(out _)!.View, verify: false, Stop));
        string[] closed = what switch { "the view" => [_site.Path], "their folder" => [_site["conn"]], "one volume" => [_site["conn/3.nii.gz"]], _ => Directory.GetFiles(_site["conn"]) };
        SetModes(UnixFileMode.None);

        node.Time.Advance(CohortSite.Fresh);
        var why = "";
        await Wait.UntilAsync(() => site.Read(out why) is null && why.Contains("may not be read by user", StringComparison.Ordinal), () => why);
        Assert.DoesNotContain("take", why, StringComparison.Ordinal);
        // Also a process that begins now says so, and what it says to do can be typed.
        await using (var doctor = node.Beside(node.Options))
        {
            var finding = (await Examination.ExamineStoresAsync(doctor, node.Options, Stop)).Single(finding => finding.What == "data view");
            Assert.Equal((false, why), (finding.Ok, finding.Why));
            Assert.StartsWith($"chmod -R o+rX {_site.Path} (or ", finding.Mend, StringComparison.Ordinal);
        }

        SetModes(Open);
        node.Time.Advance(CohortSite.Fresh);
        await Wait.UntilAsync(() => site.Read(out why) is not null, () => why);

        void SetModes(UnixFileMode mode) => Array.ForEach(closed, path => File.SetUnixFileMode(path, mode));
    }

    /// <summary>Root may read everything.</summary>
    [Fact]
    public Task All_of_this_holds_for_an_ordinary_user() => OrdinaryUser.RunAsync([], "-class", typeof(ClosedVolumeTests).FullName!, "-explicit", "only");

    public void Dispose() => _site.Dispose();
}
