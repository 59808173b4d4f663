namespace Lazaret.Tests.Disclosure;

public sealed class PurityTests
{
    /// <summary>A reviewer sees all that decides: nothing reads a file, a clock or a socket, and of the cohort engine only statistics are used.</summary>
    [Fact]
    public void Disclosure_control_uses_numbers_and_hashes_alone()
    {
        string[] allowed =
        [
            "Lazaret.Cohort.Statistics", "Lazaret.Disclosure", "System.Buffers.Binary", "System.Collections", "System.Globalization", "System.Numerics",
            "System.Runtime.InteropServices", "System.Security.Cryptography", "System.Text",
        ];
        var others = Directory.EnumerateFiles(Repository.File("src", "Lazaret.Disclosure"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.StartsWith("using ", StringComparison.Ordinal))
            .Select(line => line["using ".Length..].TrimEnd(';'))
            .Where(name => !Array.Exists(allowed, prefix => name == prefix || (name.StartsWith(prefix + ".", StringComparison.Ordinal) && !name.StartsWith("System.Text.", StringComparison.Ordinal))));
        Assert.Empty(others);
        // Implicit usings bring these in.
        string[] impure = ["File.", "Directory.", "HttpClient", "Environment.", "TimeProvider", "DateTime", "RandomNumberGenerator", "new Random("];
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Repository.File("src", "Lazaret.Disclosure"), "*.cs", SearchOption.AllDirectories).SelectMany(File.ReadLines),
            line => Array.Exists(impure, word => line.Contains(word, StringComparison.Ordinal)));
    }
}
