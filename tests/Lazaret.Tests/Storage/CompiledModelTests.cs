using System.Text.RegularExpressions;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore.Design.Internal;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.Extensions.DependencyInjection;

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
        using LazaretDb db = database == "Sqlite" ? new SqliteLazaretDb.Design().CreateDbContext([]) : new PostgresLazaretDb.Design().CreateDbContext([]);
        var node = typeof(LazaretDb).Assembly;
#pragma warning disable EF1001 // Nothing else makes the services by which dotnet ef generates a model.
        using var services = (ServiceProvider)new DesignTimeServicesBuilder(node, node, new OperationReporter(handler: null), []).Build(db);
#pragma warning restore EF1001
        using var scope = services.CreateScope();
        var generated = scope.ServiceProvider.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
            db.GetService<IDesignTimeModel>().Model,
            _folder.Path,
            new CompiledModelCodeGenerationOptions { ContextType = db.GetType(), ModelNamespace = $"Lazaret.Node.CompiledModels.{database}", Language = "C#", UseNullableReferenceTypes = true });
        var committed = Repository.File("src", "Lazaret.Node", "CompiledModels", database);
        Assert.Equal(Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal), Directory.EnumerateFiles(committed).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.NotEmpty(generated);
        Assert.All(Directory.EnumerateFiles(_folder.Path), file =>
            Assert.True(Read(file) == Read(Path.Combine(committed, Path.GetFileName(file))), $"{Path.GetFileName(file)} is of other entities: run eng/add-migration"));
    }

    public void Dispose() => _folder.Dispose();

    // Each time that a model is generated it gets a new name.
    private static string Read(string file) => ModelId().Replace(File.ReadAllText(file), "");

    [GeneratedRegex("modelId: new Guid[^)]*", RegexOptions.None, 1000)]
    private static partial Regex ModelId();
}
