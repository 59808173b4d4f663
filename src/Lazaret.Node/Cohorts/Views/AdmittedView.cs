using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>Which state of the data view requests are admitted against, as the processes that admit wrote it last. There is one row.</summary>
internal sealed class AdmittedView
{
    public const int TheOne = 1;

    public int Id { get; init; } = TheOne;

    /// <summary>The <see cref="CohortSnapshot.Version"/>.</summary>
    public required string Version { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<AdmittedView>
    {
        public void Configure(EntityTypeBuilder<AdmittedView> view)
        {
            view.ToTable("AdmittedViews");
            view.HasKey(v => v.Id);
            view.Property(v => v.Id).ValueGeneratedNever();
        }
    }
}

/// <summary>The table.</summary>
internal static class AdmittedViewsTable
{
    extension(LazaretDb db)
    {
        public DbSet<AdmittedView> AdmittedViews => db.Set<AdmittedView>();
    }
}
