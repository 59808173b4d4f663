using System.Diagnostics;
using Lazaret.Node.Configuration;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Configuration;

/// <summary>Held against systemd itself: its generator of users' environments reads files by the same function as the manager reads <c>EnvironmentFile=</c>, and runs without a manager.</summary>
public sealed class EnvironmentFileTests : IDisposable
{
    private const string Systemd = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files =>
    [
        "A=plain\n",
        "A=Host=127.0.0.1;Database=lazaret;Username=lazaret;Password=a b\n",
        "A='Host=x; Password=it is `id` \"q\" \\n'\n",
        "A=\"Host=x; Password=\\\"q\\\" \\\\ \\` \\n\"\n",
        "A=one\\ two\\;three\nB= leading\nC=trailing   \nD=   both   \n",
        "A=\"quoted \"   \nB='a'\"b\"c\nC=a\"b c\"\nD=\"a\" b\nE=\"a\"   'b'\n",
        "# a comment\n; another\n   # indented\nA=1 # no comment\nB=\"1\" # no comment\n",
        "# a comment \\\nA=swallowed\nB=2\n",
        "A=one \\\n   two\nB=\"one \\\ntwo\"\nC='one'\n",
        "export A=1\n1A=2\nA B=3\nA-B=4\nnothing here\nB=5\n",
        "A=1\r\nB=\"2\"\r\nC=3\rD=4\n",
        "  A  =  1\nB\t=2\n=3\n",
        "A=1\nA=2\n",
        "A=\\\\\nB=\\'x\\'\nC=a\\",
        "A=\tx\t\nB=ü€\n",
        "A=no line end",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task It_is_read_as_systemd_reads_it(string file)
    {
        ServerProcess.Require(Systemd, "systemd");
        _folder.Write("environment.d/10.conf", file);
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"eval \"$({Systemd})\"; for name in A B C D E; do eval \"printf '%s=%s\\\\001' $name \\\"\\${{$name-unset}}\\\"\"; done"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        start.Environment["XDG_CONFIG_HOME"] = _folder.Path;
        start.Environment["HOME"] = _folder.Path;
        start.Environment["PATH"] = "/usr/bin:/bin";
        using var shell = Process.Start(start)!;
        var theirs = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var ours = EnvironmentFile.Parse(file).GroupBy(variable => variable.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Last().Value, StringComparer.Ordinal);
        Assert.Equal(theirs, string.Concat(((string[])["A", "B", "C", "D", "E"]).Select(name => $"{name}={ours.GetValueOrDefault(name, "unset")}\u0001")));
    }

    /// <summary>What that generator treats in its own way (it expands variables, drops empty ones and escapes control characters), by systemd.exec(5).</summary>
    [Theory]
    [InlineData("A=$HOME ${HOME}\n", "$HOME ${HOME}")]
    [InlineData("A=\n", "")]
    [InlineData("A=\"\"\n", "")]
    [InlineData("A=\"one\ntwo\"\n", "one\ntwo")]
    [InlineData("A='one \\\ntwo'\n", "one \\\ntwo")]
    [InlineData("A=\tx\ty\t\n", "x\ty")]
    public void Nothing_is_expanded(string file, string value) => Assert.Equal([("A", value)], EnvironmentFile.Parse(file));

    [Theory]
    [InlineData("Host=127.0.0.1;Database=lazaret;Username=lazaret;Password=a b")]
    [InlineData("it's \"quoted\" and `run` for $HOME \\ twice \\\\ # no comment ; $(id)")]
    [InlineData("  spaces  ")]
    [InlineData("two\nlines")]
    [InlineData("")]
    [InlineData("ü€ !! * ~")]
    public async Task A_line_that_is_written_is_read_the_same_by_a_shell_and_by_systemd(string value)
    {
        _folder.Write("lazaret.env", $"# comment\n{EnvironmentFile.Line("ConnectionStrings__Lazaret", value)}\nNEXT=\"1\"\n");
        Assert.Equal([("ConnectionStrings__Lazaret", value), ("NEXT", "1")], EnvironmentFile.Parse(await File.ReadAllTextAsync(_folder["lazaret.env"], TestContext.Current.CancellationToken)));
        foreach (var shell in (string[])["dash", "bash"])
            Assert.Equal($"{value}|1", await Tool.RunAsync("/usr/bin/env", shell, "-c", "set -eua; . \"$1\"; exec sh -c 'printf \"%s|%s\" \"$ConnectionStrings__Lazaret\" \"$NEXT\"'", "sh", _folder["lazaret.env"]));
    }

    [Fact]
    public void A_quote_that_is_not_closed_is_named_by_its_line_and_not_quoted()
    {
        var fault = Assert.Throws<FormatException>(() => EnvironmentFile.Parse("A=1\nB=\"secret\nC=3\n"));
        Assert.Equal("line 2: the quote is not closed", fault.Message);
    }

    public void Dispose() => _folder.Dispose();
}
