using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.House;

/// <summary>The root's NOTICE, which goes wherever the program goes: the licences of others ask that it names them.</summary>
public sealed partial class NoticeTests
{
    private static readonly string Notice = File.ReadAllText(Repository.File("NOTICE"));

    [Fact]
    public void It_names_each_NuGet_package_that_is_published_and_its_licence()
    {
        var dependencies = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(NodeProcess.Binary, ".deps.json")))!;
        var libraries = dependencies["libraries"]!.AsObject();
        var published = dependencies["targets"]!.AsObject().Single(target => target.Key.EndsWith("/linux-x64", StringComparison.Ordinal)).Value!.AsObject()
            .Where(library => (string?)libraries[library.Key]!["type"] == "package" && (library.Value!["runtime"] ?? library.Value["native"]) is not null)
            .Select(library => library.Key.Split('/'))
            .Select(package => $"{package[0]} {LicenceOf(package[0], package[1])}");
        var named = Line().Matches(Notice).Select(line => $"{line.Groups["package"].Value} {line.Groups["licence"].Value}");
        Assert.Equal(published.Order(StringComparer.OrdinalIgnoreCase), named.Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void It_names_each_npm_package_in_the_map_viewer()
    {
        var bundle = Repository.File("artifacts", "viewer", "work", "bundle.json");
        Assert.SkipUnless(File.Exists(bundle) || Environment.GetEnvironmentVariable("CI") == "true", "this build has no map viewer: it takes npm");
        var packages = JsonNode.Parse(File.ReadAllText(bundle))!["outputs"]!["bundle.js"]!["inputs"]!.AsObject()
            .Where(input => (int)input.Value!["bytesInOutput"]! > 0)
            .Select(input => NpmPackage().Match(input.Key))
            .Where(match => match.Success)
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);
        Assert.Contains("@niivue/niivue", packages);
        // NiiVue is called by its proper name there.
        Assert.DoesNotContain(packages, package => package != "@niivue/niivue" && !Notice.Contains($"{package}:", StringComparison.Ordinal));
    }

    /// <summary>As the package says it by itself; "none" where it gives a file in place of a licence's identifier.</summary>
    private static string LicenceOf(string package, string version)
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var name = package.ToLowerInvariant();
        var licence = XDocument.Load(Path.Combine(cache, name, version.ToLowerInvariant(), $"{name}.nuspec")).Descendants().Single(element => element.Name.LocalName == "license");
        return (string?)licence.Attribute("type") == "expression" ? licence.Value : "none";
    }

    [GeneratedRegex(@"^    (?<package>[\w.]+) +(?<licence>MIT|Apache-2\.0|PostgreSQL|none) +\S", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("^node_modules/(?<name>(@[^/]+/)?[^/]+)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NpmPackage();
}
