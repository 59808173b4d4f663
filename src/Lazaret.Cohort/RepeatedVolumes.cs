using System.Globalization;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>Lines of paths.csv whose volume is that of an earlier line: a finding each where they are few, and one for all where they are many, so that they hide nothing else.</summary>
/// <param name="whose">Whose volume the earlier one is.</param>
internal sealed class RepeatedVolumes(string whose)
{
    private readonly FaultList<(int Line, int First)> _lines = new(RowFaults.Few);

    public void Add(int line, int first) => _lines.Add((line, first));

    public IEnumerable<Fault> Findings() => _lines.More == 0
        ? _lines.Select(line => new Fault(DataView.PathsFile, line.Line, 0, string.Create(CultureInfo.InvariantCulture, $"the same volume as in line {line.First}, {whose}")))
        : [new Fault(DataView.PathsFile, _lines[0].Line, 0, string.Create(CultureInfo.InvariantCulture, $"{_lines.Total} lines have the same volume as an earlier one, {whose}: lines {string.Join(", ", _lines.Select(line => $"{line.Line} (as {line.First})"))} and {_lines.More} more"))];
}
