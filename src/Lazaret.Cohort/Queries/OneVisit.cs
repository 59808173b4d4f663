using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Queries;

/// <summary>A question counts a person once: where subjects are at several visits, it must say which is meant.</summary>
public static class OneVisit
{
    /// <summary>What is said of a question that names none of several visits.</summary>
    public const string Several = "subjects are here at several visits: name the one that is meant, as {\"visit\":\"…\"}";

    /// <summary>What is said of a question that does not.</summary>
    internal static FieldFault Fault(Catalog catalog) => catalog.Visits.Count > 0
        ? new FieldFault("filters", Several, catalog.Visits)
        : new FieldFault("filters", $"subjects are here at several visits, and none of them has the {catalog.MinimumCohort} subjects that a question needs", []);

    /// <summary>The same of rows that a question selects, where one subject is there twice; null where none is.</summary>
    /// <param name="rows">Indices into the view's rows.</param>
    public static FieldFault? FaultOf(DataView view, IReadOnlyList<int> rows) =>
        rows.Select(row => view.Rows[row].SubjectId).Distinct(StringComparer.Ordinal).Count() < rows.Count ? Fault(Catalog.Of(view, minimumCohort: 0)) : null;
}
