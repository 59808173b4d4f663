using System.Text.RegularExpressions;

namespace Lazaret.Tests.Conformance;

/// <summary>Holds the tests that docs/threat-model.md names to those that there are.</summary>
public sealed class ThreatModelTests
{
    public static TheoryData<string> Names() =>
    [
        .. File.ReadLines(Repository.File("docs", "threat-model.md"))
            .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
            .SelectMany(line => line.Trim('|').Split('|')[^1].Split('`').Where((_, index) => index % 2 == 1))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Class, Folder/Class, Class.Method or Method; … stands for what was left out.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_test_that_the_threat_model_names_is_there(string name)
    {
        var isMethod = name.Contains('_', StringComparison.Ordinal);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var type = Pattern(isMethod ? name[..Math.Max(dot, 0)] : name);
        var method = Pattern(isMethod ? name[(dot + 1)..] : "…");

        var tests = typeof(ThreatModelTests).Assembly.GetTypes()
            .Where(candidate => dot < 0 && isMethod ? candidate.IsClass : Regex.IsMatch($"{candidate.FullName}", $@"[.]{type}$", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .SelectMany(candidate => candidate.GetMethods().Where(test => test.IsDefined(typeof(FactAttribute), inherit: true)))
            .Where(test => Regex.IsMatch(test.Name, $"^{method}$", RegexOptions.None, TimeSpan.FromSeconds(1)));

        Assert.NotEmpty(tests);
    }

    private static string Pattern(string name) => Regex.Escape(name.Replace('/', '.')).Replace("…", ".*", StringComparison.Ordinal);
}
