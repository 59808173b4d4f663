using System.Reflection;

namespace Lazaret.Tests.Conformance;

/// <summary>Holds the table of docs/sandboxes.md, cell by cell, to what the conformance suite attempts on each backend.</summary>
public sealed class ThreatTableTests
{
    private const string Open = "**open**";
    private const string AsRoot = "as root";

    /// <summary>Which suites make the attempts of a column. As an ordinary user, bubblewrap's is run once more, by itself.</summary>
    private static readonly Dictionary<string, Type[]> Suites = new(StringComparer.Ordinal)
    {
        ["`bubblewrap`, `oci`"] = [typeof(SandboxBubblewrapTests), typeof(SandboxCrunTests), typeof(SandboxRuncTests)],
        ["`gvisor`"] = [typeof(SandboxGvisorTests)],
        ["`microvm`"] = [typeof(SandboxMicroVmTests)],
        ["`bubblewrap`, as an ordinary user"] = [typeof(SandboxBubblewrapTests)],
    };

    private static readonly string[][] Table = Read();

    public static TheoryData<string> Rows => [.. Table[1..].Select(row => row[0])];

    [Fact]
    public void Every_column_has_a_suite_that_makes_every_attempt()
    {
        Assert.Equal(Suites.Keys, Table[0][1..]);
        Assert.All(Suites.Values.SelectMany(suites => suites), suite => Assert.True(suite.IsSubclassOf(typeof(SandboxIsolationConformance))));
    }

    [Fact]
    public void Every_attempt_belongs_to_a_row()
    {
        var rows = Table[1..].Select(row => row[0]).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(rows.Count, Table.Length - 1);
        Assert.Subset(rows, HostileAttempts.All.Values.Select(attempt => attempt.Threat).Concat(Tests().Select(test => test.Threat)).ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_cell_says_that_something_stops_it_where_an_attempt_shows_that_and_nowhere_else(string threat)
    {
        var row = Table.Single(row => row[0] == threat);
        Assert.Equal(Table[0].Length, row.Length);
        var isAttempted = HostileAttempts.All.Values.Any(attempt => attempt.Threat == threat) || Tests().Any(test => test.Threat == threat);
        Assert.All(row[1..], cell =>
        {
            Assert.NotEqual("", cell);
            Assert.Equal(isAttempted, !cell.StartsWith(Open, StringComparison.Ordinal));
        });
        Assert.All(row[1..^1], cell => Assert.DoesNotContain(AsRoot, cell, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_cell_names_every_mechanism_that_its_attempts_must_meet_on_the_hosts_kernel(string threat)
    {
        var row = Table.Single(row => row[0] == threat);
        foreach (var attempt in HostileAttempts.All.Values.Where(attempt => attempt.Threat == threat))
        {
            Assert.DoesNotContain("THROUGH", attempt.Ends);
            Assert.Contains(attempt.Mechanism, row[1], StringComparison.Ordinal);
            Assert.True(row[^1].StartsWith(AsRoot, StringComparison.Ordinal) || row[^1].Contains(attempt.Mechanism, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<(string Name, string Threat)> Tests() =>
        from method in typeof(SandboxIsolationConformance).GetMethods()
        let threat = method.GetCustomAttribute<ThreatAttribute>()
        where threat is not null && method.IsDefined(typeof(FactAttribute))
        select (method.Name, threat.Row);

    /// <summary>The cells, the header first.</summary>
    private static string[][] Read() =>
    [
        .. File.ReadLines(Repository.File("docs", "sandboxes.md"))
            .SkipWhile(line => line != "## What stops what")
            .SkipWhile(line => !line.StartsWith('|'))
            .TakeWhile(line => line.StartsWith('|'))
            .Where(line => !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)),
    ];
}
