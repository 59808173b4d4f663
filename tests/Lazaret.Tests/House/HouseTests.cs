using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lazaret.Tests.House;

/// <summary>The shape of the code: what <c>docs/map.md</c> and <c>docs/adr/0010-folders-import-one-way.md</c> promise.</summary>
public sealed partial class HouseTests : IDisposable
{
    private const int MostFilesInAFolder = 20;
    private const int MostLinesInAFile = 300;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("Lazaret.Node")]
    [InlineData("Lazaret.Cohort")]
    [InlineData("Lazaret.Fhir")]
    [InlineData("Lazaret.Disclosure")]
    public void Folders_import_one_way(string project)
    {
        var root = Repository.File("src", project);
        foreach (var folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root))
        {
            var space = Path.Combine(project, Path.GetRelativePath(root, folder)).TrimEnd('/', '.').Replace('/', '.');
            var circle = new FolderImports(folder, space).FindCircle();
            Assert.True(circle is null, $"{folder}: {string.Join(" → ", circle ?? [])}");
        }
    }

    [Fact]
    public void A_circle_is_found_and_named()
    {
        _folder.Write("Bottom/A.cs", "namespace X.Bottom;\n");
        _folder.Write("Middle/B.cs", "using X.Bottom;\nnamespace X.Middle;\n");
        _folder.Write("Top/Deeper/C.cs", "using System;\nusing X.Middle.Inner;\nnamespace X.Top.Deeper;\n");
        var sound = new FolderImports(_folder.Path, "X");
        Assert.Null(sound.FindCircle());
        Assert.Equal([["Bottom"], ["Middle"], ["Top"]], sound.Layers());

        _folder.Write("Middle/D.razor", "@using static X.Top.Deeper.C\n");
        var circular = new FolderImports(_folder.Path, "X");
        Assert.Equal(["Middle", "Top", "Middle"], circular.FindCircle());
        Assert.Equal([["Bottom"]], circular.Layers());
    }

    [Fact]
    public void The_map_shows_the_layers_as_they_are()
    {
        var drawn = Layer().Matches(File.ReadAllText(Repository.File("docs", "map.md")))
            .Select(line => line.Groups["folders"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        // Drawn from the top.
        Assert.Equal(new FolderImports(Repository.File("src", "Lazaret.Node"), "Lazaret.Node").Layers().Reverse(), drawn);
    }

    [Fact]
    public void No_folder_is_crowded_and_no_file_is_long()
    {
        var files = Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/Migrations/", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(files.CountBy(file => Path.GetDirectoryName(file)!), folder => folder.Value > MostFilesInAFolder && folder.Key.Contains("Lazaret.Node", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => File.ReadLines(file).Count() > MostLinesInAFile);
    }

    [Fact]
    public void The_solution_opens_and_has_every_project_once()
    {
        var solution = XDocument.Load(Repository.File("Lazaret.slnx"));
        Assert.Distinct(solution.Descendants("Folder").Select(folder => (string?)folder.Attribute("Name")));
        var projects = Directory.EnumerateFiles(Repository.File(), "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.File(), file))
            .Where(file => !file.StartsWith("artifacts/", StringComparison.Ordinal));
        Assert.Equal(projects.Order(StringComparer.Ordinal), solution.Descendants("Project").Select(project => (string)project.Attribute("Path")!).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(@"^    layer \d+ +(?<folders>[A-Za-z ]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Layer();
}
