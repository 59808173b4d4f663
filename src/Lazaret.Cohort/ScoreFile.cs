using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>
/// Scores on their way out of the sandbox, to the node that correlates them and decides what leaves: SHA-256 of the rows' subjects and visits,
/// the number of rows and of maps as 32-bit integers, a byte a row that is 1 where its volume can be read, and a double a row for each map.
/// Little endian.
/// </summary>
public static class ScoreFile
{
    private const int Head = SHA256.HashSizeInBytes + (2 * sizeof(int));

    public static int Length(int rows, int maps) => checked(Head + (rows * (1 + (maps * sizeof(double)))));

    public static byte[] Write(DataView view, CohortScores scores)
    {
        var rows = scores.Selection.Rows;
        var unusable = scores.Unusable.Select(fault => fault.Line).ToHashSet();
        var file = new byte[Length(rows.Count, scores.Scores.Count)];
        KeyOf(view, scores.Selection).CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(SHA256.HashSizeInBytes), rows.Count);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(SHA256.HashSizeInBytes + sizeof(int)), scores.Scores.Count);
        for (var row = 0; row < rows.Count; row++)
            file[Head + row] = unusable.Contains(view.Rows[rows[row]].PathsLine) ? (byte)0 : (byte)1;
        var at = Head + rows.Count;
        foreach (var map in scores.Scores)
        {
            foreach (var score in map)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(at), score);
                at += sizeof(double);
            }
        }

        return file;
    }

    /// <summary>The scores of this selection; null when the file is about other rows or another number of maps, or is torn.</summary>
    public static ScoredRows? Read(ReadOnlySpan<byte> file, DataView view, CohortSelection selection, int maps)
    {
        var rows = selection.Rows.Count;
        if (file.Length != Length(rows, maps)
            || !file[..SHA256.HashSizeInBytes].SequenceEqual(KeyOf(view, selection))
            || BinaryPrimitives.ReadInt32LittleEndian(file[SHA256.HashSizeInBytes..]) != rows
            || BinaryPrimitives.ReadInt32LittleEndian(file[(SHA256.HashSizeInBytes + sizeof(int))..]) != maps)
        {
            return null;
        }

        var usable = file.Slice(Head, rows).ToArray();
        var values = file[(Head + rows)..];
        var scores = new double[maps][];
        for (var map = 0; map < maps; map++)
        {
            scores[map] = new double[rows];
            for (var row = 0; row < rows; row++)
                scores[map][row] = BinaryPrimitives.ReadDoubleLittleEndian(values[(((map * rows) + row) * sizeof(double))..]);
        }

        return new ScoredRows(Array.ConvertAll(usable, flag => flag == 1), scores);
    }

    private static byte[] KeyOf(DataView view, CohortSelection selection)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var row in selection.Rows)
        {
            foreach (var text in (string[])[view.Rows[row].SubjectId, view.Rows[row].Visit])
            {
                // With its length, so that no two lists of texts read the same.
                BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
                hash.AppendData(length);
                hash.AppendData(Encoding.UTF8.GetBytes(text));
            }
        }

        return hash.GetHashAndReset();
    }
}
