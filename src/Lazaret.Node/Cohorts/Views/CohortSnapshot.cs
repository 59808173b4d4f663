using System.Collections.Concurrent;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>One state of the data view, what may be asked of it, its name, and how its volumes' files were.</summary>
internal sealed record CohortSnapshot(DataView View, Catalog Catalog, string Version, VolumeStamps Volumes)
{
    // As many as the site and its projects have minimums.
    private readonly ConcurrentDictionary<int, Catalog> _catalogs = new();

    /// <summary>Which outcomes tell something of each other, as the data now are.</summary>
    public OutcomeFamilies Families => _families.Value;

    private readonly Lazy<OutcomeFamilies> _families = new(() => OutcomeFamilies.Of(View.Outcomes, View.Declaration.Families));

    /// <summary>What may be asked where this is the smallest cohort.</summary>
    public Catalog CatalogOf(int minimum) => minimum == Catalog.MinimumCohort ? Catalog : _catalogs.GetOrAdd(minimum, least => Catalog.Of(View, least, Catalog.MustPinVisit));
}
