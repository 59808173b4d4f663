using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>One state of the data view, what may be asked of it, and its name.</summary>
internal sealed record CohortSnapshot(DataView View, Catalog Catalog, string Version);
