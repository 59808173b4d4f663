using System.Text.Json;
using System.Text.Json.Serialization;
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
    private static readonly JsonSerializerOptions LedgersJson = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        // By their names: a rule that is added must not change what was stored.
        Converters = { new JsonStringEnumConverter() },
    };

    // For EF Core, which fills the properties.
    private Review()
    {
    }

    public Guid JobId { get; private init; }

    public ReviewReason Reason { get; private init; }

    /// <summary>The control that would withhold the result; null for none. Stewards can overrule only a spent ledger.</summary>
    public BlockRule? Rule { get; private init; }

    /// <summary>What the controls said, as JSON: no subject, no score, no result.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>What the result would do to each ledger in which it counts, as JSON; empty where none was tried.</summary>
    public string Ledgers { get; private set; } = "";

    public DateTimeOffset At { get; private init; }

    /// <summary>When its numbers were worked out anew, because they had become worse; null for never.</summary>
    public DateTimeOffset? AssessedAt { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>Of when its numbers are.</summary>
    public DateTimeOffset NumbersAt => AssessedAt ?? At;

    internal static Review Of(Job job, ReviewReason reason, BlockRule? rule, AuditDetail detail, IReadOnlyList<TriedLedger> ledgers, DateTimeOffset now) =>
        new() { JobId = job.Id, Reason = reason, Rule = rule, Detail = detail.ToJson(), Ledgers = WriteLedgers(ledgers), At = now };

    /// <summary>The questions whose answers it is about: <see cref="Release.Query"/>.</summary>
    public IReadOnlyList<string> Queries => ReadDetail() is var detail && detail.TryGetValue("queries", out var queries) && queries is JsonElement { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(query => query.GetString()!)]
        : [];

    public AuditDetail ReadDetail() => JsonSerializer.Deserialize<AuditDetail>(Detail)!;

    internal IReadOnlyList<TriedLedger> ReadLedgers() => Ledgers.Length == 0 ? [] : JsonSerializer.Deserialize<TriedLedger[]>(Ledgers, LedgersJson)!;

    /// <summary>Other answers were given since, and with them it would tell more.</summary>
    internal void Assess(IReadOnlyList<TriedLedger> ledgers, DateTimeOffset now)
    {
        var detail = ReadDetail();
        TriedLedger.Describe(ledgers, detail);
        (Detail, Ledgers, AssessedAt) = (detail.ToJson(), WriteLedgers(ledgers), now);
    }

    public void Decide(DateTimeOffset now) => DecidedAt = now;

    private static string WriteLedgers(IReadOnlyList<TriedLedger> ledgers) => ledgers.Count == 0 ? "" : JsonSerializer.Serialize(ledgers, LedgersJson);

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
            review.Ignore(r => r.NumbersAt);
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
