using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cohorts;

/// <summary>Who the rows of a data view are: people, or, where that control is switched off, visits.</summary>
internal sealed class RowSubjects(DataView view, bool arePeople)
{
    /// <summary>All of them, each once.</summary>
    public IReadOnlyCollection<string> Everybody { get; } = [.. view.Rows.Select(row => NameOf(row, arePeople)).Distinct(StringComparer.Ordinal)];

    public string Of(int row) => NameOf(view.Rows[row], arePeople);

    private static string NameOf(CohortRow row, bool arePeople) => arePeople ? row.SubjectId : $"{row.SubjectId}\n{row.Visit}";
}
