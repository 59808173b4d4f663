namespace Lazaret.Cohort.Bids;

/// <summary>A column of one of a data set's tables, written <c>participants.tsv#age</c>.</summary>
/// <param name="Table">Relative to the data set: <c>participants.tsv</c>, <c>phenotype/updrs.tsv</c>; <c>sessions.tsv</c> stands for those of all subjects.</param>
internal sealed record BidsColumn(string Table, string Column)
{
    private const string Mark = ".tsv#";

    public static BidsColumn? Parse(string text) =>
        text.IndexOf(Mark, StringComparison.Ordinal) is > 0 and var at && at + Mark.Length < text.Length
            ? new BidsColumn(text[..(at + Mark.Length - 1)], text[(at + Mark.Length)..])
            : null;

    public override string ToString() => $"{Table}#{Column}";
}
