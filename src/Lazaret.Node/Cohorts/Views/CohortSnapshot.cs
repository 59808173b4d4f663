using System.Collections.Concurrent;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>One state of the data view, what may be asked of it, and its name.</summary>
internal sealed record CohortSnapshot(DataView View, Catalog Catalog, string Version)
{
    // As many as the site and its projects have minimums.
    private readonly ConcurrentDictionary<int, Catalog> _catalogs = new();

    /// <summary>What may be asked where this is the smallest cohort.</summary>
    public Catalog CatalogOf(int minimum) => minimum == Catalog.MinimumCohort ? Catalog : _catalogs.GetOrAdd(minimum, least => Catalog.Of(View, least));
}
