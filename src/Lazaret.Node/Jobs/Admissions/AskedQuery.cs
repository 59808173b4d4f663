using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>That a job asked a question: what a requester's quota counts. Each map of a batch is a question.</summary>
public sealed class AskedQuery
{
    public required Guid JobId { get; init; }

    /// <summary>SHA-256 of the canonical query on one state of the data, in hexadecimal digits.</summary>
    public required string Query { get; init; }

    public required string Requester { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<AskedQuery>
    {
        public void Configure(EntityTypeBuilder<AskedQuery> asked)
        {
            asked.ToTable("AskedQueries");
            asked.HasKey(a => new { a.JobId, a.Query });
            asked.HasIndex(a => new { a.Requester, a.At });
        }
    }
}

/// <summary>The table.</summary>
internal static class AskedQueriesTable
{
    extension(LazaretDb db)
    {
        public DbSet<AskedQuery> AskedQueries => db.Set<AskedQuery>();
    }
}
