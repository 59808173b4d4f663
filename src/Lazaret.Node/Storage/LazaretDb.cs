using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Lazaret.Node.Storage;

/// <summary>
/// The node's database. It names no table: each entity stands with its capability, together with its <see cref="IEntityTypeConfiguration{T}"/> and an
/// extension property (<c>db.Jobs</c>), and is found there.
/// </summary>
public abstract class LazaretDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>For queries: bytes from <paramref name="start"/>, which counts from 1.</summary>
    [DbFunction("substr", IsBuiltIn = true)]
    public static byte[] Slice(byte[] bytes, int start, int length) => throw new NotSupportedException();

    /// <summary>Begins a transaction in which nobody else changes what was read for update.</summary>
    internal abstract Task<Writing> BeginWritingAsync(CancellationToken cancellationToken);

    /// <summary>Begins a transaction that waits for every other one that was begun under this number.</summary>
    internal abstract Task<Writing> BeginAloneAsync(long number, CancellationToken cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite cannot order by an offset; every instant here is UTC.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyConfigurationsFromAssembly(typeof(LazaretDb).Assembly);

    private sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
        instant => instant.UtcDateTime,
        stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));
}
