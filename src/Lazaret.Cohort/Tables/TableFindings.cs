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

    /// <summary>The same of the mean distance.</summary>
    private const double MeanToDeviation = 1.2533;

    /// <summary>Numbers by which people and programs say that a value is missing, but for the sign.</summary>
    private static readonly FrozenSet<double> NumberCodes = FrozenSet.Create(null, 9.0, 99, 999, 9999, 99999, 88, 888, 8888, 77, 777, 7777);

    /// <summary>More texts than that are no levels, but names or remarks.</summary>
    private const int MostLevels = 1000;

    public static IEnumerable<Fault> Of(CsvTable table, SiteDeclaration site)
    {
        for (var column = 0; column < table.Columns.Count; column++)
        {
            var name = table.Columns[column];
            if (name is "" or "subject_id" || table.IndexOf(name) != column)
                continue;
            var lines = table.Lines.Where(line => line.Fields[column].Length > 0).ToList();
            var isOffered = !IsNotOffered(table, name, site);
            if ((name == Catalog.Visit || isOffered) && Alike(table, column, lines, site) is { } alike)
                yield return alike;
            if (name == Catalog.Visit || !isOffered)
                continue;
            if (lines.Count > 1 && lines.TrueForAll(line => line.Fields[column] == lines[0].Fields[column]))
                yield return new Fault(table.File, 1, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is the same in all {lines.Count} rows"));
            var codes = lines.FindAll(line => MissingCodes.Contains(line.Fields[column]) && !IsLevel(name, line.Fields[column], site));
            // Of a column of numbers such cells are faults.
            if (codes.Count > 0 && !lines.Exists(line => double.IsFinite(TableNumber.Parse(line.Fields[column]))))
                yield return new Fault(table.File, codes[0].Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} has the level '{codes[0].Fields[column]}' or one like it in {codes.Count} of {lines.Count} rows, this the first: if it means that the value is missing, write it into 'missing' of {SiteDeclaration.File}"));
            var numbers = lines.Select(line => (Line: line, Value: TableNumber.Parse(line.Fields[column]))).Where(cell => double.IsFinite(cell.Value)).ToList();
            if (numbers.Count < 3)
                continue;
            var middle = Median(numbers.Select(cell => cell.Value));
            var deviation = DeviationOf([.. numbers.Select(cell => Math.Abs(cell.Value - middle))]);
            var far = deviation > 0 ? numbers.FindAll(cell => Math.Abs(cell.Value - middle) > Far * deviation) : [];
            if (far.Count > 0)
                yield return new Fault(table.File, far[0].Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is more than {Far} standard deviations from the median in {far.Count} of {numbers.Count} rows, this the first: if it means that the value is missing, write it into 'missing' of {SiteDeclaration.File}"));
            else if (CodeOf(numbers) is { } code)
                yield return new Fault(table.File, code.Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is {code.Value} in {numbers.Count(cell => cell.Value == code.Value)} of {numbers.Count} rows, this the first, and nowhere near it else: if it means that the value is missing, write it into 'missing' of {SiteDeclaration.File}"));
        }
    }

    /// <summary>The standard deviation by the median distance; where more than half of a column is one value, by the mean distance of all but the farthest.</summary>
    private static double DeviationOf(double[] distances)
    {
        if (Median(distances) is > 0 and var median)
            return ToDeviation * median;
        var farthest = distances.Max();
        return MeanToDeviation * distances.Where(distance => distance < farthest).DefaultIfEmpty(0).Average();
    }

    /// <summary>
    /// A number that people write for a missing one: -9, 99, -999 and the like, farther from all other values than those are from each other, or negative where no other is.
    /// The distance in standard deviations does not find it in a column of few values, of which more than half are the same, or where it is near.
    /// </summary>
    private static (CsvLine Line, double Value)? CodeOf(List<(CsvLine Line, double Value)> numbers)
    {
        foreach (var cell in numbers.DistinctBy(cell => cell.Value).Where(cell => NumberCodes.Contains(Math.Abs(cell.Value))))
        {
            double[] others = [.. numbers.Select(other => other.Value).Where(value => value != cell.Value)];
            if (others.Length == 0)
                continue;
            var (least, most) = (others.Min(), others.Max());
            if ((cell.Value < 0 && least >= 0) || Math.Max(least - cell.Value, cell.Value - most) > Math.Max(1, most - least))
                return cell;
        }

        return null;
    }

    /// <summary>Levels of one column that are one but for how they are written: each is a level of its own, and filters part who belongs together.</summary>
    private static Fault? Alike(CsvTable table, int column, List<CsvLine> lines, SiteDeclaration site)
    {
        var name = table.Columns[column];
        if (table.File != DataView.SubjectsFile || site.Variables?.Any(variable => variable.Name == name) == true)
            return null;
        var levels = lines.DistinctBy(line => line.Fields[column], StringComparer.Ordinal).ToList();
        var isNumber = levels.TrueForAll(line => double.IsFinite(TableNumber.Parse(line.Fields[column])));
        // Numbers are levels where they are few.
        if (levels.Count > MostLevels || (isNumber && name != Catalog.Visit && levels.DistinctBy(line => TableNumber.Parse(line.Fields[column])).Count() > Catalog.MostNumericLevels))
            return null;
        foreach (var (difference, plain) in NearMiss.OfLevels)
        {
            var alike = levels.GroupBy(line => plain(line.Fields[column]), StringComparer.Ordinal).Where(group => group.Skip(1).Any()).ToList();
            if (alike.Count > 0)
            {
                var (first, second) = (alike[0].First(), alike[0].Skip(1).First());
                return new Fault(table.File, second.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} has levels that differ by {difference} alone, {alike.Sum(group => group.Count())} in {alike.Count} groups; the first two are here and in line {first.Number}: each is a level of its own"));
            }
        }

        return null;
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
