using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>What one steward said of a held result.</summary>
public sealed class ReviewVote
{
    public required Guid JobId { get; init; }

    public required string Steward { get; init; }

    public required ReviewVerdict Verdict { get; set; }

    /// <summary>Why; what is asked back is shown to the requester.</summary>
    public required string Why { get; set; }

    /// <summary>What the steward asked back last: it stays when they decide. Null for nothing.</summary>
    public string? Asked { get; set; }

    public required DateTimeOffset At { get; set; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<ReviewVote>
    {
        public void Configure(EntityTypeBuilder<ReviewVote> vote)
        {
            vote.ToTable("ReviewVotes");
            vote.HasKey(v => new { v.JobId, v.Steward });
            vote.HasOne<Review>().WithMany().HasForeignKey(v => v.JobId);
        }
    }
}

public enum ReviewVerdict
{
    Approve,
    Reject,

    /// <summary>Undecided: the requester is asked something.</summary>
    Ask,
}

/// <summary>The table.</summary>
internal static class ReviewVotesTable
{
    extension(LazaretDb db)
    {
        public DbSet<ReviewVote> ReviewVotes => db.Set<ReviewVote>();
    }
}
