using System.Collections.Frozen;
using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>What a column tells about itself: it does not vary, or a value is so far from all others that it may be a code for a missing one.</summary>
internal static class TableFindings
{
    private const double Far = 50;

    /// <summary>1.4826 times the median distance from the median is the standard deviation of a normal column, and outliers do not change it.</summary>
    private const double ToDeviation = 1.4826;

    /// <summary>Texts by which people and programs say that a value is missing.</summary>
    private static readonly FrozenSet<string> Codes = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "NA", "N/A", "#N/A", "NaN", "null", "nil", "missing", "unknown", ".", "-", "--", "?");

    public static IEnumerable<Fault> Of(CsvTable table, SiteDeclaration site)
    {
        for (var column = 0; column < table.Columns.Count; column++)
        {
            var name = table.Columns[column];
            if (name is "" or "subject_id" or "visit" || table.IndexOf(name) != column || IsNotOffered(table, name, site))
                continue;
            var lines = table.Lines.Where(line => line.Fields[column].Length > 0).ToList();
            if (lines.Count > 1 && lines.TrueForAll(line => line.Fields[column] == lines[0].Fields[column]))
                yield return new Fault(table.File, 1, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is the same in all {lines.Count} rows"));
            var codes = lines.FindAll(line => Codes.Contains(line.Fields[column]) && !IsLevel(name, line.Fields[column], site));
            // Of a column of numbers such cells are faults.
            if (codes.Count > 0 && !lines.Exists(line => double.IsFinite(TableNumber.Parse(line.Fields[column]))))
                yield return new Fault(table.File, codes[0].Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} has the level '{codes[0].Fields[column]}' or one like it in {codes.Count} of {lines.Count} rows, this the first: if it means that the value is missing, write it into 'missing' of {SiteDeclaration.File}"));
            var numbers = lines.Select(line => (Line: line, Value: TableNumber.Parse(line.Fields[column]))).Where(cell => double.IsFinite(cell.Value)).ToList();
            if (numbers.Count < 3)
                continue;
            var middle = Median(numbers.Select(cell => cell.Value));
            var deviation = ToDeviation * Median(numbers.Select(cell => Math.Abs(cell.Value - middle)));
            var far = deviation > 0 ? numbers.FindAll(cell => Math.Abs(cell.Value - middle) > Far * deviation) : [];
            if (far.Count > 0)
                yield return new Fault(table.File, far[0].Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is more than {Far} standard deviations from the median in {far.Count} of {numbers.Count} rows, this the first: if it means that the value is missing, write it into 'missing' of {SiteDeclaration.File}"));
        }
    }

    private static bool IsNotOffered(CsvTable table, string name, SiteDeclaration site) => table.File == DataView.SubjectsFile
        ? site.Variables?.Any(variable => variable.Name == name) == false
        : site.Outcomes?.Any(outcome => outcome.Name == name) == false;

    private static bool IsLevel(string name, string text, SiteDeclaration site) =>
        site.Variables?.OfType<VariableDeclaration.Category>().Any(variable => variable.Name == name && variable.Levels.Contains(text)) == true;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
