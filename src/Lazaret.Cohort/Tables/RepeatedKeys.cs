using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Lines of a table that have the key of an earlier line: one fault each if they are few, and one fault for all if they are many.</summary>
/// <param name="file">The table.</param>
/// <param name="key">The columns that are the key.</param>
/// <param name="used">The words that say which of the lines are used.</param>
internal sealed class RepeatedKeys(string file, string key, string used)
{
    private readonly FaultList<(int Line, int First)> _lines = new(RowFaults.Few);

    public void Add(CsvLine line, CsvLine first) => _lines.Add((line.Number, first.Number));

    public void AddTo(FaultList<Fault> faults)
    {
        if (_lines.More == 0)
            faults.AddRange(_lines.Select(line => new Fault(file, line.Line, 0, string.Create(CultureInfo.InvariantCulture, $"the same {key} as line {line.First}: {used}"))));
        else
            faults.Add(new Fault(file, _lines[0].Line, 0, string.Create(CultureInfo.InvariantCulture, $"{_lines.Total} rows have the {key} of an earlier one, and {used}: lines {string.Join(", ", _lines.Select(line => $"{line.Line} (as {line.First})"))} and {_lines.More} more")));
    }
}
