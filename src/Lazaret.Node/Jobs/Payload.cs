using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Jobs;

/// <summary>
/// The bytes that belong to a job, sealed: what the requester sent, what left the sandbox. All that may hold patient data lies
/// in this one table, apart from the rows that are listed, logged and counted.
/// </summary>
public sealed class Payload : ISealedRecord
{
    // For EF Core, which fills the properties.
    private Payload()
    {
    }

    public Guid JobId { get; private init; }

    public PayloadName Name { get; private init; }

    /// <summary>Which attempt wrote it; 0 for what does not belong to one.</summary>
    public int Attempt { get; private init; }

    public byte[] Content { get; private set; } = [];

    public RecordPlace Place => new("Payloads", nameof(Content), $"{JobId:N}/{Name}/{Attempt}");

    public static Payload Of(Guid jobId, PayloadName name, ReadOnlySpan<byte> plain, RecordSeal seal, int attempt = 0)
    {
        var payload = new Payload { JobId = jobId, Name = name, Attempt = attempt };
        payload.Content = seal.Seal(plain, payload.Place);
        return payload;
    }

    /// <exception cref="SealException">It does not open.</exception>
    public byte[] Open(RecordSeal seal) => seal.Open(Content, Place);

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Payload>
    {
        public void Configure(EntityTypeBuilder<Payload> payload)
        {
            payload.ToTable("Payloads");
            payload.HasKey(p => new { p.JobId, p.Name, p.Attempt });
            payload.HasOne<Job>().WithMany().HasForeignKey(p => p.JobId);
            payload.Ignore(p => p.Place);
        }
    }
}

public enum PayloadName
{
    /// <summary>What the program reads: the map of a cohort job, the <c>input.json</c> of a diagnosis.</summary>
    Input,

    /// <summary>What a diagnosis rests on: the model, and the data that it was given or not.</summary>
    Basis,

    /// <summary>What disclosure control released.</summary>
    Result,

    /// <summary>stdout and stderr of one attempt, capped; for the operator alone.</summary>
    Log,
}

/// <summary>The table.</summary>
internal static class PayloadsTable
{
    extension(LazaretDb db)
    {
        public DbSet<Payload> Payloads => db.Set<Payload>();
    }
}
