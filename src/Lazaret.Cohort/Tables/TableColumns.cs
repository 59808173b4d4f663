using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Turns the joined lines into columns, and compares every cell of the tables, joined or not, with its declaration.</summary>
internal static class TableColumns
{
    public static Dictionary<string, string[]> Attributes(CsvTable table, CsvLine[] rows, SiteDeclaration site, FaultList<Fault> faults)
    {
        foreach (var variable in site.Variables ?? [])
        {
            var column = table.IndexOf(variable.Name);
            var levels = (variable as VariableDeclaration.Category)?.Levels.ToHashSet(StringComparer.Ordinal);
            var commas = variable is VariableDeclaration.Number && AddCommas(table, column, faults);
            AddFaults(table, column, commas, faults, text => variable switch
            {
                VariableDeclaration.Category category when !levels!.Contains(text) => category.Levels.FirstOrDefault(level => IsAlike(level, text)) is { } meant
                    ? $"is none of the declared levels, and differs from {Quoted.Text(meant)} by how it is written alone" : "is none of the declared levels",
                VariableDeclaration.Number when double.IsNaN(TableNumber.Parse(text)) => NoNumber(text),
                _ => null,
            });
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

    private static bool IsAlike(string level, string text) => level.Trim().Equals(text.Trim(), StringComparison.OrdinalIgnoreCase) || TableNumber.Parse(level) == TableNumber.Parse(text);

    /// <summary>
    /// A column that site.yaml does not declare is a number or a category, and never both. If most cells are numbers, the others are faults and count
    /// as missing. A mixed column of mostly texts, or mostly numbers in another way of writing, is not offered.
    /// </summary>
    private static void Infer(CsvTable table, int column, Dictionary<string, string[]> columns, FaultList<Fault> faults)
    {
        var name = table.Columns[column];
        var commas = AddCommas(table, column, faults);
        var texts = ColumnTexts.Of(table.Lines.Select(line => line.Fields[column]), table.MissingTexts);
        AddFaults(table, column, commas, faults, text => texts.IsWrong(text) ? texts.WrongOf(text) : null);
        if (commas || (texts.IsNumber && texts.Numbers >= texts.Written))
            columns[name] = Array.ConvertAll(columns[name], text => texts.IsWrong(text) ? "" : text);
        else if (texts.IsMixed)
            columns.Remove(name);
    }

    /// <summary>Adds faults for the cells that are not empty and that <paramref name="wrongOf"/> finds wrong.</summary>
    /// <param name="commas">Whether a fault has told about the column's commas already.</param>
    private static void AddFaults(CsvTable table, int column, bool commas, FaultList<Fault> faults, Func<string, string?> wrongOf)
    {
        var wrongs = table.RowFaults();
        foreach (var line in table.Lines.Where(line => line.Fields[column].Length > 0 && !(commas && WrittenNumber.IsComma(line.Fields[column]))))
        {
            if (wrongOf(line.Fields[column]) is { } wrong)
                wrongs.Add(line, column, wrong);
        }

        wrongs.AddTo(faults);
    }

    /// <summary>Adds one fault if most cells are numbers with a comma before the decimals, and site.yaml does not say so.</summary>
    /// <returns>Whether the fault was added.</returns>
    private static bool AddCommas(CsvTable table, int column, FaultList<Fault> faults)
    {
        var cells = table.Lines.Where(line => line.Fields[column].Length > 0).ToList();
        var commas = cells.FindAll(line => WrittenNumber.IsComma(line.Fields[column]));
        if (2 * commas.Count <= cells.Count)
            return false;
        // 1,450 may have decimals or thousands; 1,450,000 or 45,5 in the same column shows which.
        var writings = cells.Select(line => WrittenNumber.Of(line.Fields[column], out _)).ToHashSet();
        var rows = $"in {commas.Count} of {cells.Count} rows, this the first";
        faults.Add(table.FaultAt(commas[0], column, writings.Contains(Writing.Thousands) ? $"has a comma between thousands {rows}: write numbers without it"
            : writings.Contains(Writing.Comma) ? $"has a decimal comma {rows}: write 'decimal: \",\"' into {SiteDeclaration.File}"
            : $"has a comma {rows}, before decimals or between thousands: write 'decimal: \",\"' into {SiteDeclaration.File} if it is before decimals, and numbers without it if it is between thousands"));
        return true;
    }

    /// <summary>What a message says about a cell that should hold a number.</summary>
    private static string NoNumber(string text) => WrittenNumber.CureOf(text) is { } cure ? $"is no number: {cure}"
        : MissingCodes.Contains(text) ? $"is no number; leave the field empty when it is missing, or write such texts into 'missing' of {SiteDeclaration.File}"
        : "is no number; leave the field empty when it is missing";

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
            if (TextFault(table, column) is { } text)
            {
                faults.Add(text);
                columns.Add(name, Array.ConvertAll(rows, _ => double.NaN));
                continue;
            }

            var commas = AddCommas(table, column, faults);
            AddFaults(table, column, commas, faults, text => TableNumber.Parse(text) is var value && double.IsNaN(value) ? NoNumber(text)
                : levels?.Contains(value) == false ? "is none of the declared levels" : null);
            columns.Add(name, Array.ConvertAll(rows, line => Value(line.Fields[column], levels)));
        }

        return columns;
    }

    /// <summary>One fault for a column of outcomes that holds only texts: it would help nobody to report every cell.</summary>
    private static Fault? TextFault(CsvTable table, int column)
    {
        var cells = table.Lines.Where(line => line.Fields[column].Length > 0).ToList();
        if (cells.Count <= RowFaults.Few || !cells.TrueForAll(line => IsText(line.Fields[column])))
            return null;
        var texts = cells.Select(line => line.Fields[column]).Distinct(StringComparer.Ordinal).Take(3).ToList();
        return table.FaultAt(cells[0], column, texts is [var one, var other]
            ? $"is one of two texts in all rows, {Quoted.Text(one)} and {Quoted.Text(other)}: an outcome is a number, so write 0 and 1"
            : $"is a text in all rows: an outcome is a number, so move the column to {DataView.SubjectsFile}, or name the table's outcomes in {SiteDeclaration.File}");

        static bool IsText(string text) => !text.AsSpan().ContainsAnyInRange('0', '9') && WrittenNumber.Of(text, out _) == Writing.None && !MissingCodes.Contains(text);
    }

    private static double Value(string field, HashSet<double>? levels)
    {
        var value = TableNumber.Parse(field);
        return levels?.Contains(value) == false ? double.NaN : value;
    }

    /// <summary>The first column of each name. A second one was reported when the table was read.</summary>
    private static IEnumerable<int> Named(CsvTable table, string[] except) =>
        Enumerable.Range(0, table.Columns.Count)
            .Where(column => table.Columns[column].Length > 0 && !except.Contains(table.Columns[column]) && table.IndexOf(table.Columns[column]) == column);
}
