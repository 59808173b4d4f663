using System.Text.RegularExpressions;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore.Design.Internal;

namespace Lazaret.Tests.Storage;

/// <summary>The models that <c>eng/add-migration</c> generated for <c>CompiledModels/</c>.</summary>
public sealed partial class CompiledModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public void A_compiled_model_is_that_of_the_entities_as_they_are(string database)
    {
        var node = typeof(LazaretDb).Assembly;
        // As dotnet ef calls it.
#pragma warning disable EF1001 // Its own project has no other way to generate a model.
        var generated = new DbContextOperations(new OperationReporter(handler: null), node, node, _folder.Path, _folder.Path, "Lazaret.Node", "C#", nullable: true, args: null)
            .Optimize("model", $"Lazaret.Node.CompiledModels.{database}", $"{database}LazaretDb", suffix: null, scaffoldModel: true, precompileQueries: false, nativeAot: false)
            .Select(file => file.ToString()!).ToList();
#pragma warning restore EF1001
        var committed = Repository.File("src", "Lazaret.Node", "CompiledModels", database);
        Assert.Equal(generated.Select(Path.GetFileName).Order(StringComparer.Ordinal), Directory.EnumerateFiles(committed).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(generated, file =>
            Assert.True(Read(file) == Read(Path.Combine(committed, Path.GetFileName(file))), $"{Path.GetFileName(file)} is of other entities: run eng/add-migration"));
    }

    // Each time that a model is generated it gets a new name.
    private static string Read(string file) => ModelId().Replace(File.ReadAllText(file), "");

    [GeneratedRegex("modelId: new Guid[^)]*", RegexOptions.None, 1000)]
    private static partial Regex ModelId();

    public void Dispose() => _folder.Dispose();
}
