using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Turns the joined lines into columns, and compares every cell of the tables, joined or not, with its declaration.</summary>
internal static class TableColumns
{
    private const string NoNumber = "is no number; leave the field empty when it is missing";

    public static Dictionary<string, string[]> Attributes(CsvTable table, CsvLine[] rows, SiteDeclaration site, FaultList<Fault> faults)
    {
        foreach (var variable in site.Variables ?? [])
        {
            var column = table.IndexOf(variable.Name);
            var levels = (variable as VariableDeclaration.Category)?.Levels.ToHashSet(StringComparer.Ordinal);
            var commas = variable is VariableDeclaration.Number && AddCommas(table, column, faults);
            foreach (var line in table.Lines.Where(line => line.Fields[column].Length > 0 && !(commas && IsComma(line.Fields[column]))))
            {
                var wrong = variable switch
                {
                    VariableDeclaration.Category when !levels!.Contains(line.Fields[column]) => "is none of the declared levels",
                    VariableDeclaration.Number when double.IsNaN(TableNumber.Parse(line.Fields[column])) => NoNumber,
                    _ => null,
                };
                if (wrong is not null)
                    faults.Add((table, line, column, wrong), static of => of.table.FaultAt(of.line, of.column, of.wrong));
            }
        }

        var columns = Named(table, except: ["subject_id"])
            .ToDictionary(column => table.Columns[column], column => Array.ConvertAll(rows, line => line.Fields[column]), StringComparer.Ordinal);
        foreach (var column in Named(table, except: ["subject_id", "visit"]))
        {
            if (site.Variables is null)
                Infer(table, column, columns, faults);
        }

        return columns;
    }

    /// <summary>
    /// A column that site.yaml does not declare is a number or a category, and never both: of one that is mostly numbers the other cells are faults, and
    /// missing; one that is mostly texts is not offered.
    /// </summary>
    private static void Infer(CsvTable table, int column, Dictionary<string, string[]> columns, FaultList<Fault> faults)
    {
        if (AddCommas(table, column, faults))
        {
            columns[table.Columns[column]] = Array.ConvertAll(columns[table.Columns[column]], text => IsComma(text) ? "" : text);
            return;
        }

        var cells = table.Lines.Where(line => line.Fields[column].Length > 0).ToLookup(line => double.IsFinite(TableNumber.Parse(line.Fields[column])));
        int numbers = cells[true].Count(), others = cells[false].Count();
        if (numbers == 0 || others == 0)
            return;
        var isNumber = numbers >= others;
        var name = table.Columns[column];
        foreach (var line in cells[!isNumber])
        {
            faults.Add((table, line, column, numbers, others, isNumber), static of => of.table.FaultAt(of.line, of.column, of.isNumber
                ? $"is no number in {of.others} of {of.numbers + of.others} rows: write what means a missing value into 'missing' of {SiteDeclaration.File}, or declare the levels"
                : $"is a number in {of.numbers} of {of.numbers + of.others} rows: declare its levels in {SiteDeclaration.File}"));
        }

        if (isNumber)
            columns[name] = Array.ConvertAll(columns[name], text => double.IsFinite(TableNumber.Parse(text)) ? text : "");
        else
            columns.Remove(name);
    }

    /// <summary>Adds one fault where most cells are numbers with a comma before the decimals, which site.yaml does not say.</summary>
    /// <returns>False where they are not.</returns>
    private static bool AddCommas(CsvTable table, int column, FaultList<Fault> faults)
    {
        var cells = table.Lines.Where(line => line.Fields[column].Length > 0).ToList();
        var commas = cells.FindAll(line => IsComma(line.Fields[column]));
        if (2 * commas.Count <= cells.Count)
            return false;
        faults.Add(table.FaultAt(commas[0], column, string.Create(
            CultureInfo.InvariantCulture, $"has a decimal comma in {commas.Count} of {cells.Count} rows, this the first: write 'decimal: \",\"' into {SiteDeclaration.File}")));
        return true;
    }

    private static bool IsComma(string text) => text.Contains(',') && text.IndexOf(',') == text.LastIndexOf(',') && double.IsFinite(TableNumber.Parse(text.Replace(',', '.')));

    public static Dictionary<string, double[]> Outcomes(CsvTable table, CsvLine[] rows, SiteDeclaration site, FaultList<Fault> faults)
    {
        var columns = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var column in Named(table, except: ["subject_id", "visit"]))
        {
            var name = table.Columns[column];
            var declared = site.Outcomes?.FirstOrDefault(outcome => outcome.Name == name);
            if (site.Outcomes is not null && declared is null)
                continue;
            var levels = declared?.Levels?.ToHashSet();
            var commas = AddCommas(table, column, faults);
            foreach (var line in table.Lines.Where(line => line.Fields[column].Length > 0 && !(commas && IsComma(line.Fields[column]))))
            {
                var value = TableNumber.Parse(line.Fields[column]);
                if (double.IsNaN(value))
                    faults.Add((table, line, column), static of => of.table.FaultAt(of.line, of.column, NoNumber));
                else if (levels?.Contains(value) == false)
                    faults.Add((table, line, column), static of => of.table.FaultAt(of.line, of.column, "is none of the declared levels"));
            }

            columns.Add(name, Array.ConvertAll(rows, line => Value(line.Fields[column], levels)));
        }

        return columns;
    }

    private static double Value(string field, HashSet<double>? levels)
    {
        var value = TableNumber.Parse(field);
        return levels?.Contains(value) == false ? double.NaN : value;
    }

    /// <summary>The first column of each name; a second one was reported when the table was read.</summary>
    private static IEnumerable<int> Named(CsvTable table, string[] except) =>
        Enumerable.Range(0, table.Columns.Count)
            .Where(column => table.Columns[column].Length > 0 && !except.Contains(table.Columns[column]) && table.IndexOf(table.Columns[column]) == column);
}
