using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Audit;

/// <summary>One line of the record: who did what, when, to which job. The table only grows; the database itself refuses to change a row.</summary>
public sealed class AuditEntry
{
    // For EF Core, which fills the properties.
    private AuditEntry()
    {
    }

    /// <summary>The order of writing, given by the database.</summary>
    public long Sequence { get; private init; }

    public DateTimeOffset At { get; private init; }

    /// <summary>The requester, or <c>node</c> for what the node does by itself, or <c>operator:NAME</c> for a command that this user of the machine ran.</summary>
    public string Actor { get; private init; } = "";

    public AuditAction Action { get; private init; }

    public Guid? JobId { get; private init; }

    /// <summary>An <see cref="AuditDetail"/> as JSON.</summary>
    public string Detail { get; private init; } = "{}";

    /// <summary>
    /// A MAC of this entry under a key of its writer's state folder: tells what the node wrote from what somebody inserted. Null where its writer had
    /// no key, as before the first start of a node.
    /// </summary>
    public byte[]? Proof { get; private set; }

    public const string Node = "node";

    /// <summary>How the operator's entries begin.</summary>
    public const string OperatorBegin = "operator";

    /// <summary>Who runs this command, by the name that the operating system knows: <c>operator:NAME</c>.</summary>
    public static string Operator { get; } = $"{OperatorBegin}:{OperatingUser.Name}";

    public static AuditEntry Of(AuditAction action, DateTimeOffset now, string actor, AuditDetail detail, Guid? jobId = null) => new()
    {
        // PostgreSQL keeps microseconds.
        At = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)),
        Actor = actor,
        Action = action,
        JobId = jobId,
        Detail = detail.ToJson(),
    };

    internal void ProveBy(Func<AuditEntry, byte[]> prove) => Proof = prove(this);

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> entry)
        {
            entry.ToTable("Audit");
            entry.HasKey(e => e.Sequence);
            entry.Property(e => e.Sequence).ValueGeneratedOnAdd();
        }
    }
}

/// <summary>The table.</summary>
internal static class AuditTable
{
    extension(LazaretDb db)
    {
        public DbSet<AuditEntry> Audit => db.Set<AuditEntry>();
    }
}
