using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>
/// Scores on their way out of the sandbox, to the node that correlates them and decides what leaves: whose the rows are, one byte per row that is 1
/// where its volume can be read, and one double per row for each map, for the mean map where that is asked about, and for each surrogate, little endian.
/// </summary>
public static class ScoreFile
{
    public static int Length(DataView view, CohortSelection selection, int maps) =>
        checked(RowsOf(view, selection).Length + (selection.Rows.Count * (1 + (maps * sizeof(double)))));

    public static byte[] Write(DataView view, CohortScores scores)
    {
        var rows = scores.Selection.Rows;
        double[][] columns = [.. scores.Scores, .. scores.Degree is null ? [] : new[] { scores.Degree }, .. scores.Surrogates];
        var unusable = scores.Unusable.Select(fault => fault.Line).ToHashSet();
        var file = new byte[Length(view, scores.Selection, columns.Length)];
        var head = RowsOf(view, scores.Selection);
        head.CopyTo(file, 0);
        for (var row = 0; row < rows.Count; row++)
            file[head.Length + row] = unusable.Contains(view.Rows[rows[row]].PathsLine) ? (byte)0 : (byte)1;
        var at = head.Length + rows.Count;
        foreach (var score in columns.SelectMany(column => column))
        {
            BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(at), score);
            at += sizeof(double);
        }

        return file;
    }

    /// <summary>The scores of this selection; null when the file is about other rows or another number of maps, or is torn.</summary>
    public static ScoredRows? Read(ReadOnlySpan<byte> file, DataView view, CohortSelection selection, int maps)
    {
        var (rows, head) = (selection.Rows.Count, RowsOf(view, selection));
        if (file.Length != Length(view, selection, maps) || !file[..head.Length].SequenceEqual(head))
            return null;
        bool[] usable = Array.ConvertAll(file.Slice(head.Length, rows).ToArray(), flag => flag == 1);
        var values = file[(head.Length + rows)..];
        var scores = new double[maps][];
        for (var map = 0; map < maps; map++)
        {
            scores[map] = new double[rows];
            for (var row = 0; row < rows; row++)
                scores[map][row] = BinaryPrimitives.ReadDoubleLittleEndian(values[(((map * rows) + row) * sizeof(double))..]);
        }

        return new ScoredRows(usable, scores);
    }

    // Each text with its length, so that no two lists of texts read the same.
    private static byte[] RowsOf(DataView view, CohortSelection selection)
    {
        var text = new StringBuilder();
        foreach (var row in selection.Rows)
            text.Append(CultureInfo.InvariantCulture, $"{view.Rows[row].SubjectId.Length}:{view.Rows[row].SubjectId}{view.Rows[row].Visit.Length}:{view.Rows[row].Visit}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
