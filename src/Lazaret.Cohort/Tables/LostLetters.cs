using System.Globalization;
using System.Text;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Finds letters that were lost when a table was saved or opened in another encoding: the file is sound UTF-8, but its texts are not what somebody wrote.</summary>
internal static class LostLetters
{
    /// <summary>U+FFFD, which programs write for bytes that they could not read.</summary>
    private const char Replacement = '\uFFFD';

    /// <summary>The characters of Windows-1252 at 0x80 to 0x9F, where Latin-1 has no printed ones; a space where Windows-1252 has none either.</summary>
    private const string From80To9F = "\u20AC \u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152 \u017D  \u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153 \u017E\u0178";

    private static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>One finding for each column and kind of loss.</summary>
    public static IEnumerable<Fault> Of(CsvTable table)
    {
        for (var column = 0; column < table.Columns.Count; column++)
        {
            var (replaced, misread) = (Rows(text => text.Contains(Replacement)), Rows(text => Reread(text) != text));
            if (replaced.Count > 0)
                yield return At(replaced, "holds U+FFFD, which stands for a letter that was lost");
            if (misread.Count > 0)
                yield return At(misread, "is UTF-8 that a program took for Latin-1 or Windows-1252");

            List<CsvLine> Rows(Func<string, bool> holds) => [.. table.Lines.Where(line => holds(line.Fields[column]))];

            Fault At(List<CsvLine> rows, string what) => new(table.File, rows[0].Number, column + 1, string.Create(
                CultureInfo.InvariantCulture, $"{Quoted.Bare(table.Columns[column])} {what}, in {rows.Count} of {table.Lines.Count} rows, this the first: save the table anew from its source, as UTF-8"));
        }
    }

    /// <summary>The text before its UTF-8 was read as Latin-1 or Windows-1252: <c>müller</c> for <c>mÃ¼ller</c>. Any other text is returned as it is.</summary>
    public static string Reread(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\u00C2', '\u00F4'))
            return text;
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var at = text[i] <= '\u00FF' ? text[i] : 0x80 + From80To9F.IndexOf(text[i], StringComparison.Ordinal);
            if (at == 0x7F)
                return text;
            bytes[i] = (byte)at;
        }

        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return text;
        }
    }
}
