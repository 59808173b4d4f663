using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Faults of a table's rows: one each where they are few. What is wrong alike in many rows is said once, with the first of them, so that it hides nothing else.</summary>
internal static class RowFaults
{
    private const int Few = 5;

    /// <param name="rows">In the order of the table.</param>
    public static void Add(FaultList<Fault> faults, IEnumerable<Fault> rows)
    {
        foreach (var alike in rows.GroupBy(fault => (fault.Column, fault.Message)).Select(group => group.ToList()))
        {
            if (alike.Count <= Few)
                faults.AddRange(alike);
            else
                faults.Add(alike[0] with { Message = string.Create(CultureInfo.InvariantCulture, $"{alike[0].Message} (so in {alike.Count} rows: lines {string.Join(", ", alike.Take(Few).Select(fault => fault.Line))} and {alike.Count - Few} more)") });
        }
    }
}
