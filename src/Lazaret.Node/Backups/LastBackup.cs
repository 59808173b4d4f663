using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Backups;

/// <summary>When the last backup of this database was complete: one row, written after the backup's file was on the disk.</summary>
internal sealed class LastBackup
{
    private const int TheOne = 1;

    // For EF Core, which fills the properties.
    private LastBackup()
    {
    }

    public int Id { get; private init; } = TheOne;

    public DateTimeOffset At { get; private set; }

    /// <summary>The instant; null when there never was one.</summary>
    public static async Task<DateTimeOffset?> ReadAsync(LazaretDb db, CancellationToken cancellationToken) =>
        (await db.Set<LastBackup>().AsNoTracking().FirstOrDefaultAsync(cancellationToken))?.At;

    public static async Task WriteAsync(LazaretDb db, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await db.Set<LastBackup>().FirstOrDefaultAsync(cancellationToken) is { } row)
            row.At = at;
        else
            db.Set<LastBackup>().Add(new LastBackup { At = at });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<LastBackup>
    {
        public void Configure(EntityTypeBuilder<LastBackup> backup)
        {
            backup.ToTable("LastBackup");
            backup.HasKey(b => b.Id);
            backup.Property(b => b.Id).ValueGeneratedNever();
        }
    }
}
