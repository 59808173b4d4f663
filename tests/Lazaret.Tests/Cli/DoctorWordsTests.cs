using System.CommandLine;
using System.Text.RegularExpressions;
using Lazaret.Node.Cli;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cli.Serve;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Spectre.Console;

namespace Lazaret.Tests.Cli;

/// <summary>What <c>lazaret doctor</c> and other commands say to an operator: the mend fits the reason.</summary>
public sealed partial class DoctorWordsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_key_between_colons_stays_what_it_is()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 140;
        console.Write(DoctorCommand.TableOf([Finding.No("Lazaret:Tls:Key:x", "of :key: [red]", "set Lazaret:Tls:Key: now")]));
        foreach (var said in (string[])["Lazaret:Tls:Key:x", "of :key: [red]", "set Lazaret:Tls:Key: now"])
            Assert.Contains(said, output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Markup of a text that varies makes emojis of words between colons, however it is escaped.</summary>
    [Fact]
    public void No_command_prints_texts_that_vary_as_markup()
    {
        var sources = Directory.EnumerateFiles(Repository.File("src", "Lazaret.Node"), "*.cs", SearchOption.AllDirectories);
        Assert.All(sources, file => Assert.DoesNotMatch(VariedMarkup(), File.ReadAllText(file)));
    }

    [Fact]
    public async Task A_ring_that_may_not_be_read_as_it_lies_there_is_not_to_be_replaced()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        var ring = node.Get<IKeyRingSource>().Place;
        await Tool.RunAsync("ln", ring, $"{ring}.second");
        var keys = await KeyExamination.RunAsync(node.Services, node.Options, answers: true, Stop);
        Assert.Equal((false, $"cp -p {ring} {ring}.own && mv {ring}.own {ring}"), (keys.Ok, keys.Mend));
        Assert.DoesNotContain("keys init", keys.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/k: others than its owner may read the encryption keys: chmod 600 /k", "chmod 600 /k")]
    [InlineData("mksquashfs not found: apt install squashfs-tools", "apt install squashfs-tools")]
    [InlineData("/c: the certificate of CN=x is valid only from 2030, and the clock of this machine says 2026: set the clock, or wait until then", "set the clock, or wait until then")]
    [InlineData("/c: the certificate of CN=x expired at 2020: renew it", null)]
    [InlineData("there is no encryption key at /k", null)]
    public void What_a_reason_says_to_do_is_the_mend(string reason, string? mend) => Assert.Equal(mend, Finding.OwnMendOf(reason));

    [Fact]
    public async Task A_data_view_that_is_empty_by_choice_is_nothing_to_mend()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync(new Node.NodeOptions { Data = new DataOptions { View = "" } });
        var view = (await Examination.ExamineStoresAsync(node.Services, node.Options, Stop)).Single(finding => finding.What == "data view");
        Assert.Equal((true, false, ""), (view.Ok, view.Needed, view.Mend));
    }

    [Fact]
    public async Task A_backup_is_missed_once_the_database_is_older_than_one_may_be()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await node.Get<Lazaret.Node.Audit.AuditLog>().WriteAsync(Lazaret.Node.Audit.AuditAction.BackupBegun, "node", new Lazaret.Node.Audit.AuditDetail(), Stop);
        Assert.False((await LastBackupAsync()).IsFault);
        node.Time.Advance(TimeSpan.FromDays(2.5));
        var missed = await LastBackupAsync();
        Assert.Equal((true, "there never was one of this database"), (missed.IsFault, missed.Why));

        async Task<Finding> LastBackupAsync() => (await MachineExamination.DatabaseAsync(node.Services, isSaid: false, Stop)).Single(finding => finding.What == "last backup");
    }

    [Fact]
    public void A_state_folder_that_cannot_be_written_to_is_said_in_words()
    {
        using var folder = new TemporaryFolder();
        // Root may write anywhere; but not where no folder is.
        var missing = folder["missing"];
        Assert.StartsWith($"{missing} cannot be written to (", Assert.Throws<Node.MissingException>(() => new StateFolder(missing, readers: 0).TryLock(alone: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_into_a_folder_that_is_not_there_is_a_slip()
    {
        using var folder = new TemporaryFolder();
        var (file, run) = (folder["nodir/x"], BackupCommands.Backup(new Settings([], file: null)));
        var refusal = await Assert.ThrowsAsync<Node.InputException>(() => run.Parse([file]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, Stop));
        Assert.Equal($"{file}: there is no folder {folder["nodir"]}", refusal.Message);
    }

    [Fact]
    public void Help_in_the_place_of_a_value_is_a_slip()
    {
        var root = new RootCommand { ServeCommand.Create(new Settings([], file: null)) };
        Assert.Equal("--role: needs a value: all, api (only admits) or work (only runs jobs) (see 'lazaret serve --help')", ParseFaults.OfHelp(root.Parse(["serve", "--role", "--help"])));
        Assert.Null(ParseFaults.OfHelp(root.Parse(["serve", "--help"])));
        Assert.Null(ParseFaults.OfHelp(root.Parse(["serve", "--role", "api"])));
    }

    [Theory]
    [InlineData("Access to the path '/var/lib/lazaret/models/x' is denied.", "chown -R --reference=/var/lib/lazaret /var/lib/lazaret")]
    [InlineData("Access to the path '/root/x' is denied.", "name a place that they may use")]
    public void What_may_not_be_used_in_the_state_folder_is_given_to_its_owner(string line, string mend)
    {
        Assert.EndsWith(mend, CommandLine.WordsOfDenied(line, "lazaret", "/var/lib/lazaret"), StringComparison.Ordinal);
        Assert.Equal("", CommandLine.WordsOfDenied("something else", "lazaret", "/var/lib/lazaret"));
    }

    [Fact]
    public void A_link_for_this_machine_alone_is_said_to_be_one()
    {
        Assert.Contains("--url", PeopleCommands.WordsOfHere(given: null, new HttpOptions()), StringComparison.Ordinal);
        Assert.Null(PeopleCommands.WordsOfHere("http://localhost:8080", new HttpOptions()));
        Assert.Null(PeopleCommands.WordsOfHere(given: null, new HttpOptions { PublicUrl = "https://lazaret.hospital.example" }));
    }

    [GeneratedRegex(@"Markup\.Escape\(|EscapeMarkup\(|MarkupInterpolated\(|MarkupLineInterpolated\(|Markup\.FromInterpolated\(|\.AddRow\(\w+, \$?""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VariedMarkup();
}
