using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// Faults of a table's rows: one each if they are few. The same fault in many rows is told once, with the first rows that have it, so that it hides no other fault;
/// only these first rows are remembered, however many have it.
/// </summary>
internal sealed class RowFaults(string file, string[] columns)
{
    /// <summary>Up to so many rows with the same fault are told one by one.</summary>
    public const int Few = 5;

    private readonly OrderedDictionary<(int Column, string Wrong), FaultList<Fault>> _all = [];

    /// <summary>Adds what is wrong with a field, in the order of the table.</summary>
    public void Add(CsvLine line, int column, string wrong) => Of(column, wrong).Add((file, columns, line, column, wrong), static of => new Fault(of.file, of.line.Number, of.column + 1, $"{Quoted.Bare(of.columns[of.column])} {of.wrong}"));

    /// <summary>Adds what is wrong with a line, in the order of the table.</summary>
    public void Add(CsvLine line, string wrong) => Of(-1, wrong).Add(new Fault(file, line.Number, 0, wrong));

    public void AddTo(FaultList<Fault> faults)
    {
        foreach (var alike in _all.Values)
        {
            if (alike.More == 0)
                faults.AddRange(alike);
            else
                faults.Add(alike[0] with { Message = string.Create(CultureInfo.InvariantCulture, $"{alike[0].Message} ({alike.Total} like this: lines {string.Join(", ", alike.Select(fault => fault.Line))} and {alike.More} more)") });
        }
    }

    private FaultList<Fault> Of(int column, string wrong)
    {
        if (!_all.TryGetValue((column, wrong), out var alike))
            _all.Add((column, wrong), alike = new FaultList<Fault>(Few));
        return alike;
    }
}
