using Lazaret.Node.Keys;
using Lazaret.Node.Releases.Earlier;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases;

/// <summary>
/// One answered question: what was asked, what was answered, and what the answer cost. Whoever asks the same of the same data gets this answer
/// again. All of them in their order are the ledger: it is computed anew from them by any process.
/// </summary>
public sealed class Release : ISealedRecord
{
    // For EF Core, which fills the properties.
    private Release()
    {
    }

    /// <summary>Its place in the order of releases.</summary>
    public long Sequence { get; private init; }

    /// <summary>SHA-256 of the canonical query on one state of the data, in hexadecimal digits.</summary>
    public string Query { get; private init; } = "";

    public string DataVersion { get; private init; } = "";

    public string Outcome { get; private init; } = "";

    /// <summary>The job that it was charged to.</summary>
    public Guid JobId { get; private init; }

    public string Requester { get; private init; } = "";

    public ReleaseState State { get; private set; }

    public DateTimeOffset At { get; private init; }

    /// <summary>The charge and the answer: which subjects, their scores, the noise, what leaves.</summary>
    public byte[] Content { get; private set; } = [];

    public RecordPlace Place => new("Releases", nameof(Content), Query);

    internal static Release Of(AskedCharge asked, Guid job, string requester, ReleaseState state, RecordSeal seal, DateTimeOffset now)
    {
        var question = asked.Question;
        var release = new Release
        {
            Query = question.Query,
            DataVersion = question.DataVersion,
            Outcome = question.Outcome,
            JobId = job,
            Requester = requester,
            State = state,
            At = now,
        };
        release.Content = seal.Seal(new ReleaseContent(asked.Charge, question.Answer, question.Rho, question.AlsoTold, asked.Values) { AlsoValues = asked.AlsoValues }.Write(), release.Place);
        return release;
    }

    /// <exception cref="SealException">It does not open.</exception>
    public ReleaseContent Open(RecordSeal seal) => ReleaseContent.Read(seal.Open(Content, Place));

    /// <summary>A steward lets it go.</summary>
    public void Approve() => State = ReleaseState.Released;

    /// <summary>A steward rejects it: it costs nothing, and whoever asks the same is refused.</summary>
    public void Reject() => State = ReleaseState.Rejected;

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Release>
    {
        public void Configure(EntityTypeBuilder<Release> release)
        {
            release.ToTable("Releases");
            release.HasKey(r => r.Sequence);
            release.HasIndex(r => r.Query).IsUnique();
            release.HasIndex(r => r.State);
            release.HasIndex(r => r.JobId);
            release.Ignore(r => r.Place);
        }
    }
}

public enum ReleaseState
{
    /// <summary>It left, or may leave.</summary>
    Released,

    /// <summary>A steward decides whether it leaves. Its cost is charged meanwhile.</summary>
    Held,

    /// <summary>A steward decides whether it leaves although it tells too much together with earlier ones. Its cost is charged when they let it go.</summary>
    BeyondLimit,

    /// <summary>A steward rejected it.</summary>
    Rejected,

    /// <summary>
    /// It is no answer: one about this cohort and outcome was withheld because of the outcome's values, and the refusal told of them. It counts as if the cohort's mean were
    /// known, and cohorts are compared with it.
    /// </summary>
    Refused,
}

/// <summary>The table.</summary>
internal static class ReleasesTable
{
    extension(LazaretDb db)
    {
        public DbSet<Release> Releases => db.Set<Release>();
    }
}
