using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Lazaret.Tests.Storage;

/// <summary>The models that EF Core finds ready: <c>eng/add-migration</c> writes them anew.</summary>
public sealed class CompiledModelTests
{
    [Fact]
    public void SQLites_is_that_of_the_code()
    {
        using var db = new SqliteLazaretDb.Design().CreateDbContext([]);
        IsThatOfTheCode(db);
    }

    [Fact]
    public void PostgreSQLs_is_that_of_the_code()
    {
        using var db = new PostgresLazaretDb.Design().CreateDbContext([]);
        IsThatOfTheCode(db);
    }

    private static void IsThatOfTheCode(LazaretDb db)
    {
        var model = db.GetService<IDesignTimeModel>().Model;
        var code = db.GetService<IModelRuntimeInitializer>().Initialize(model, designTime: false, validationLogger: null);
        Assert.NotEqual(code.GetType(), db.Model.GetType());
        Assert.Equal(Text(code), Text(db.Model));
        // Of a lambda the compiled model has a copy, which the text does not show.
        Assert.DoesNotContain(
            model.GetEntityTypes().SelectMany(type => type.GetProperties()),
            property => property.GetValueConverter()?.GetType() is { IsGenericType: true } converter && converter.GetGenericTypeDefinition() == typeof(ValueConverter<,>));
    }

    private static string Text(IModel model) => model.ToDebugString(MetadataDebugStringOptions.LongDefault);
}
