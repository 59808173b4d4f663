using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// Finds things in tables that are read as they stand but may not be meant so: a column that does not vary, or a value so far from all others that it may be a code
/// for a missing one.
/// </summary>
internal static class TableFindings
{
    private const double Far = 50;

    /// <summary>The factor from the median distance from the median to the standard deviation of a normal column. Outliers do not change this estimate.</summary>
    private const double ToDeviation = 1.4826;

    /// <summary>The same factor for the mean distance.</summary>
    private const double MeanToDeviation = 1.2533;

    private const string IfMissing = $"if it means that the value is missing, write it into 'missing' of {SiteDeclaration.File}";

    /// <summary>If a column has more texts than this, they are names or remarks, not levels.</summary>
    private const int MostLevels = 1000;

    public static IEnumerable<Fault> Of(CsvTable table, SiteDeclaration site)
    {
        if (AlikePeople(table) is { } people)
            yield return people;
        foreach (var fault in LostLetters.Of(table).Concat(MissingKeys(table)).Concat(AlikeColumns(table, site)))
            yield return fault;
        for (var column = 0; column < table.Columns.Count; column++)
        {
            var name = table.Columns[column];
            if (name is "" or "subject_id" || table.IndexOf(name) != column)
                continue;
            if (name.AsSpan().Trim().Length < name.Length || name.Contains(','))
                yield return new Fault(table.File, 1, column + 1, $"column {Quoted.Text(name)} has {(name.Contains(',') ? "a comma in its name" : "spaces around its name")}: nobody asks for it so, write it without");
            var lines = table.Lines.Where(line => line.Fields[column].Length > 0).ToList();
            var declared = IsDeclared(table, name, site);
            var isOffered = declared ?? true;
            if ((name == Catalog.Visit || isOffered) && Alike(table, column, lines, site) is { } alike)
                yield return alike;
            if (name == Catalog.Visit || !isOffered)
                continue;
            if (lines.Count > 1 && lines.TrueForAll(line => line.Fields[column] == lines[0].Fields[column]))
                yield return new Fault(table.File, 1, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is the same in all {lines.Count} rows"));
            else if (declared is null && UnusableColumns.Of(table, column, lines) is { } unusable)
                yield return unusable;
            var texts = lines.FindAll(line => MissingCodes.Contains(line.Fields[column], table.MissingTexts) && !IsLevel(name, line.Fields[column], site));
            // In a column of numbers such cells are faults already.
            if (texts.Count > 0 && !lines.Exists(line => double.IsFinite(TableNumber.Parse(line.Fields[column]))))
                yield return new Fault(table.File, texts[0].Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} has the level '{texts[0].Fields[column]}' or one like it in {texts.Count} of {lines.Count} rows, this the first: {IfMissing}"));
            var numbers = lines.Select(line => (Line: line, Value: TableNumber.Parse(line.Fields[column]))).Where(cell => double.IsFinite(cell.Value)).ToList();
            if (numbers.Count < 3)
                continue;
            if (declared is null && table.File == DataView.SubjectsFile && numbers.FindAll(cell => IsPadded(cell.Line.Fields[column])) is [var padded, ..] zeros)
                yield return new Fault(table.File, padded.Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} has a leading zero in {zeros.Count} of {numbers.Count} rows, this the first, and counts as a number: if it is a code, declare its levels in {SiteDeclaration.File}"));
            if (declared is null && table.File == DataView.SubjectsFile && IsFewWholeNumbers([.. numbers.Select(cell => cell.Value).Distinct()]) && numbers.Count == lines.Count)
                yield return new Fault(table.File, 1, column + 1, $"{Quoted.Bare(name)} holds a few whole numbers: a filter takes them as levels, a covariate as one number. Declare in {SiteDeclaration.File} which they are: levels for codes, bins for a measurement");
            else if (declared is null && table.File == DataView.SubjectsFile && numbers.Count == lines.Count && CodeName.IsOf(name, numbers.Select(cell => cell.Value)))
                yield return new Fault(table.File, 1, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is called like a code and has more than {Catalog.MostNumericLevels} different whole numbers, so that it counts as a measurement with bins: declare its levels in {SiteDeclaration.File} if they are codes, and its bins if not"));
            if (table.File == DataView.OutcomesFile && PartedDecimals(table, column, numbers.ConvertAll(cell => cell.Line)) is { } parted)
                yield return parted;
            var (least, most) = (numbers.Min(cell => cell.Value), numbers.Max(cell => cell.Value));
            foreach (var (text, cells) in table.TakenOf(column).Where(taken => TableNumber.Parse(taken.Text) is var code && code > least && code < most))
                yield return new Fault(table.File, 1, column + 1, string.Create(CultureInfo.InvariantCulture, $"'missing' of {SiteDeclaration.File} empties {Quoted.Bare(text)} in {cells} rows of {Quoted.Bare(name)}, which is from {least} to {most} in all others: if it is a value in this column, take it out of 'missing', and empty the cells of the column where it is none"));
            var middle = Median(numbers.Select(cell => cell.Value));
            var deviation = DeviationOf([.. numbers.Select(cell => Math.Abs(cell.Value - middle))]);
            var far = deviation > 0 ? numbers.FindAll(cell => Math.Abs(cell.Value - middle) > Far * deviation) : [];
            var codes = CodesOfNumbers.Of([.. numbers.Select(cell => cell.Value)]);
            var coded = numbers.FindAll(cell => codes.Contains(cell.Value));
            if (BetweenThousands(numbers.ConvertAll(cell => (cell.Line, cell.Line.Fields[column]))) is [var (first, _), ..] thousands)
                yield return new Fault(table.File, first.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} has exactly three decimals in {thousands.Count} of {numbers.Count} rows, this the first, and none in all others: if their mark is between thousands, write numbers without it"));
            else if (far.Count > 0 && far.Count >= coded.Count)
                yield return new Fault(table.File, far[0].Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is more than {Far} standard deviations from the median in {far.Count} of {numbers.Count} rows, this the first: {IfMissing}"));
            else if (coded.Count > 0)
                yield return new Fault(table.File, coded[0].Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} is {string.Join(" or ", codes.Select(code => code.ToString(CultureInfo.InvariantCulture)))} in {coded.Count} of {numbers.Count} rows, this the first, and nowhere near it else: {IfMissing}"));
            if (site.Variables?.OfType<VariableDeclaration.Number>().FirstOrDefault(variable => variable.Name == name) is { Edges: var edges } && table.File == DataView.SubjectsFile
                && numbers.FindAll(cell => cell.Value < edges[0] || cell.Value > edges[^1]) is [var outside, ..] beyond)
                yield return new Fault(table.File, outside.Line.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(name)} lies outside its declared bins in {beyond.Count} of {numbers.Count} rows, this the first: no filter finds them"));
        }
    }

    private static bool IsPadded(string text) => text is ['0', >= '0' and <= '9', ..];

    /// <summary>
    /// Finds numbers with a leading zero in some rows, always after a whole number. In a table whose last column is not filled in, 17,07 without quotation marks
    /// becomes 17 and, in the next column, 07.
    /// </summary>
    private static Fault? PartedDecimals(CsvTable table, int column, List<CsvLine> lines)
    {
        var padded = lines.FindAll(line => IsPadded(line.Fields[column]));
        return table.HasCommas && padded is [var first, ..] && padded.Count < lines.Count && column > 0 && table.Columns[column - 1] is not ("subject_id" or Catalog.Visit)
            && padded.TrueForAll(line => line.Fields[column - 1] is var before && !before.Contains('.') && double.IsInteger(TableNumber.Parse(before)))
            ? new Fault(table.File, first.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(table.Columns[column])} has a leading zero in {padded.Count} of {lines.Count} rows, this the first: if it is the end of a number with a decimal comma, such as 17,07, which separates two columns here, write decimals with a point"))
            : null;
    }

    /// <summary>Finds columns of one table whose names differ only in how they are written. Both are offered, and somebody who asks for one may mean the other.</summary>
    private static IEnumerable<Fault> AlikeColumns(CsvTable table, SiteDeclaration site)
    {
        var offered = table.Columns.Where(name => name is "subject_id" or Catalog.Visit || (name.Length > 0 && IsDeclared(table, name, site) != false)).Distinct(StringComparer.Ordinal).ToList();
        foreach (var (difference, plain) in NearMiss.OfColumns)
        {
            if (offered.GroupBy(plain, StringComparer.Ordinal).Select(group => group.ToList()).FirstOrDefault(group => group.Count > 1) is not [var first, var second, ..])
                continue;
            yield return new Fault(table.File, 1, table.IndexOf(second) + 1, $"columns {Quoted.Text(first)} and {Quoted.Text(second)} differ by {difference} alone, and each is a column of its own: leave one out, or give it another name");
            yield break;
        }
    }

    /// <summary>Whether a column has a few whole numbers, which may be levels. Two levels may as well be a number.</summary>
    private static bool IsFewWholeNumbers(double[] values) => values.Length is > 2 and <= Catalog.MostNumericLevels && Array.TrueForAll(values, double.IsInteger);

    /// <summary>Finds people of one table who may be one person written in several ways. Each way counts as a person.</summary>
    private static Fault? AlikePeople(CsvTable table)
    {
        if (table.File != DataView.SubjectsFile || !table.IsRead)
            return null;
        var subject = table.IndexOf("subject_id");
        var people = table.Lines.Where(line => line.Fields[subject].Length > 0).DistinctBy(line => line.Fields[subject], StringComparer.Ordinal).ToList();
        foreach (var (difference, plain) in NearMiss.OfPeople)
        {
            var alike = people.GroupBy(line => plain(line.Fields[subject]), StringComparer.Ordinal).Where(group => group.Skip(1).Any()).ToList();
            if (alike is not [var first, ..])
                continue;
            var (one, other) = (first.First(), first.Skip(1).First());
            return new Fault(table.File, other.Number, subject + 1, string.Create(CultureInfo.InvariantCulture, $"subject_id differs from that of line {one.Number} by {difference} alone, and so do {alike.Sum(group => group.Count())} in {alike.Count} groups: they count as different people"));
        }

        return null;
    }

    /// <summary>Finds rows whose subject or visit is a text that means a missing value. All of them would count as one person, or one visit.</summary>
    private static IEnumerable<Fault> MissingKeys(CsvTable table)
    {
        foreach (var name in (string[])["subject_id", Catalog.Visit])
        {
            if (table.IndexOf(name) is >= 0 and var column && table.Lines.Where(line => MissingCodes.Contains(line.Fields[column], table.MissingTexts)).ToList() is [var first, ..] rows)
                yield return new Fault(table.File, first.Number, column + 1, string.Create(CultureInfo.InvariantCulture, $"{name} is '{Quoted.Bare(first.Fields[column])}' or the like in {rows.Count} of {table.Lines.Count} rows, this the first: it counts as the name of {(name == Catalog.Visit ? "a visit" : "a person")}"));
        }
    }

    /// <summary>
    /// The cells with a point before exactly three digits, if all other cells of the column are whole numbers and at least one of these has three digits. If a cell
    /// has another number of decimals, the points are decimal points, and no cell is returned.
    /// </summary>
    private static List<(CsvLine Line, string Text)> BetweenThousands(List<(CsvLine Line, string Text)> cells)
    {
        var pointed = cells.FindAll(cell => cell.Text.Contains('.'));
        return pointed.TrueForAll(cell => WrittenNumber.IsThousands(cell.Text))
            && cells.Exists(cell => !cell.Text.Contains('.') && Math.Abs(TableNumber.Parse(cell.Text)) >= 100) ? pointed : [];
    }

    /// <summary>
    /// The standard deviation, estimated from the median distance. If more than half of a column is one value, it is estimated from the mean distance of all but the
    /// farthest values.
    /// </summary>
    private static double DeviationOf(double[] distances)
    {
        if (Median(distances) is > 0 and var median)
            return ToDeviation * median;
        var farthest = distances.Max();
        return MeanToDeviation * distances.Where(distance => distance < farthest).DefaultIfEmpty(0).Average();
    }

    /// <summary>Finds levels of one column that differ only in how they are written. Each counts as a level of its own, and filters separate subjects who belong together.</summary>
    private static Fault? Alike(CsvTable table, int column, List<CsvLine> lines, SiteDeclaration site)
    {
        var name = table.Columns[column];
        var declared = site.Variables?.FirstOrDefault(variable => variable.Name == name);
        // In a column of numbers, such cells are faults already; so are texts that are none of the declared levels.
        if (table.File != DataView.SubjectsFile || declared is VariableDeclaration.Number
            || (declared is null && name != Catalog.Visit && ColumnTexts.Of(lines.Select(line => line.Fields[column]), table.MissingTexts) is { IsNumber: true, IsMixed: true }))
            return null;
        var levels = lines.Where(line => declared is null || IsLevel(name, line.Fields[column], site)).DistinctBy(line => line.Fields[column], StringComparer.Ordinal).ToList();
        var isNumber = levels.TrueForAll(line => double.IsFinite(TableNumber.Parse(line.Fields[column])));
        // Numbers are levels only if there are few different ones.
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

    /// <summary>Whether site.yaml declares the column; null when it says nothing about the table's columns, so that all are offered.</summary>
    private static bool? IsDeclared(CsvTable table, string name, SiteDeclaration site) => table.File == DataView.SubjectsFile
        ? site.Variables?.Any(variable => variable.Name == name)
        : site.Outcomes?.Any(outcome => outcome.Name == name);

    private static bool IsLevel(string name, string text, SiteDeclaration site) =>
        site.Variables?.OfType<VariableDeclaration.Category>().Any(variable => variable.Name == name && variable.Levels.Contains(text)) == true;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
