using System.Text.Json;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>That a job's result waits, or waited, for a steward.</summary>
public sealed class Review
{
    // For EF Core, which fills the properties.
    private Review()
    {
    }

    public Guid JobId { get; private init; }

    public ReviewReason Reason { get; private init; }

    /// <summary>The control that would withhold the result; null for none. Stewards can overrule only a spent ledger.</summary>
    public BlockRule? Rule { get; private init; }

    /// <summary>What the controls said, as JSON: no subject, no score, no result.</summary>
    public string Detail { get; private init; } = "";

    public DateTimeOffset At { get; private init; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public static Review Of(Job job, ReviewReason reason, BlockRule? rule, AuditDetail detail, DateTimeOffset now) =>
        new() { JobId = job.Id, Reason = reason, Rule = rule, Detail = detail.ToJson(), At = now };

    /// <summary>The questions whose answers it is about: <see cref="Release.Query"/>.</summary>
    public IReadOnlyList<string> Queries => ReadDetail() is var detail && detail.TryGetValue("queries", out var queries) && queries is JsonElement { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(query => query.GetString()!)]
        : [];

    public AuditDetail ReadDetail() => JsonSerializer.Deserialize<AuditDetail>(Detail)!;

    public void Decide(DateTimeOffset now) => DecidedAt = now;

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Review>
    {
        public void Configure(EntityTypeBuilder<Review> review)
        {
            review.ToTable("Reviews");
            review.HasKey(r => r.JobId);
            review.HasOne<Job>().WithOne().HasForeignKey<Review>(r => r.JobId);
            review.HasIndex(r => r.DecidedAt);
            review.Ignore(r => r.Queries);
        }
    }
}

/// <summary>The table.</summary>
internal static class ReviewsTable
{
    extension(LazaretDb db)
    {
        public DbSet<Review> Reviews => db.Set<Review>();
    }
}
