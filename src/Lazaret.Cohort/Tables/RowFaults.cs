using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// Faults of a table's rows: one each where they are few. What is wrong alike in many rows is said once, with the first of them, so that it hides nothing else; and
/// however many rows are wrong, no more than the first few are kept.
/// </summary>
internal sealed class RowFaults(string file)
{
    private const int Few = 5;

    private readonly OrderedDictionary<(int Column, string Message), Alike> _all = [];

    /// <param name="line">From 1, in the order of the table.</param>
    /// <param name="column">From 1; 0 for the whole line.</param>
    public void Add(int line, int column, string message)
    {
        if (!_all.TryGetValue((column, message), out var alike))
            _all.Add((column, message), alike = new Alike());
        if (alike.Count++ < Few)
            alike.First.Add(line);
    }

    public void AddTo(FaultList<Fault> faults)
    {
        foreach (var ((column, message), alike) in _all)
        {
            if (alike.Count <= Few)
                faults.AddRange(alike.First.Select(line => new Fault(file, line, column, message)));
            else
                faults.Add(new Fault(file, alike.First[0], column, string.Create(CultureInfo.InvariantCulture, $"{message} ({alike.Count} like this: lines {string.Join(", ", alike.First)} and {alike.Count - Few} more)")));
        }
    }

    private sealed class Alike
    {
        public List<int> First { get; } = [];

        public int Count { get; set; }
    }
}
