using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Bids;

/// <summary>A table of a data set: its columns, and the value of each by subject and, where it has sessions, session.</summary>
internal sealed class BidsTable
{
    public const string Missing = "n/a";

    private const string Participant = "participant_id";
    private const string Session = "session_id";
    private const string SubjectPrefix = "sub-";
    private const string SessionPrefix = "ses-";

    private readonly TableFormat _format;

    private readonly Dictionary<string, Dictionary<(string Subject, string Session), string>> _values = new(StringComparer.Ordinal);

    private readonly Dictionary<(string Subject, string Session), (CsvTable Table, CsvLine Line)> _lines = [];

    private BidsTable(string name, IReadOnlyDictionary<string, BidsSidecar> sidecars, IReadOnlyList<string> missing) =>
        (Name, Sidecars, _format) = (name, sidecars, new TableFormat { Separator = '\t', SeparatorBy = "BIDS", Missing = [Missing, .. missing] });

    public string Name { get; }

    /// <summary>What stands for a missing value.</summary>
    public IReadOnlyList<string> MissingTexts => _format.Missing;

    public IReadOnlyDictionary<string, BidsSidecar> Sidecars { get; }

    /// <summary>Without those that say whose a line is.</summary>
    public IReadOnlyList<string> Columns { get; private set; } = [];

    public bool HasSessions { get; private set; }

    /// <summary>Columns in which several lines about one subject and session differ.</summary>
    public HashSet<string> Contrary { get; } = new(StringComparer.Ordinal);

    /// <summary>The subjects, with sessions if the table has them, that its lines are about.</summary>
    public IReadOnlyCollection<(string Subject, string Session)> Keys => _lines.Keys;

    /// <summary>participants.tsv, sessions.tsv at the root, or one of phenotype/.</summary>
    /// <param name="missing">Texts that stand for a missing value beside BIDS' own.</param>
    public static BidsTable Read(string folder, string name, IReadOnlyList<string> missing, FaultList<Fault> faults)
    {
        var table = new BidsTable(name, BidsSidecar.Read(folder, name, faults), missing);
        table.Add(CsvTable.Read(folder, name, [Participant], table._format, faults), subject: null, faults);
        return table;
    }

    /// <summary>The sub-X/sub-X_sessions.tsv of all subjects as one.</summary>
    /// <inheritdoc cref="Read"/>
    public static BidsTable ReadSessions(string folder, IEnumerable<(string Subject, string File)> files, IReadOnlyList<string> missing, FaultList<Fault> faults)
    {
        var table = new BidsTable(BidsDataset.SessionsTable, BidsSidecar.Read(folder, BidsDataset.SessionsTable, faults), missing);
        foreach (var (subject, file) in files)
            table.Add(CsvTable.Read(folder, file, [Session], table._format, faults), subject, faults);
        return table;
    }

    /// <summary>A subject's value at a session, or whatever the session where the table has none; empty when it is missing.</summary>
    public string Value(string column, string subject, string session) => _values[column].GetValueOrDefault(KeyOf(subject, session), "");

    /// <summary>The key of the line about a volume of that subject and session.</summary>
    public (string Subject, string Session) KeyOf(string subject, string session) => (subject, HasSessions ? session : "");

    /// <summary>Every value that is there.</summary>
    public IEnumerable<string> Values(string column) => _values[column].Values.Where(value => value.Length > 0);

    /// <summary>A fault about the first of a column's values of which something holds.</summary>
    public Fault FirstFault(string column, Func<string, bool> holds, string message)
    {
        var (table, line) = _values[column].Where(cell => holds(cell.Value)).Select(cell => _lines[cell.Key]).First();
        return table.FaultAt(line, table.IndexOf(column), message);
    }

    private void Add(CsvTable table, string? subject, FaultList<Fault> faults)
    {
        var (participant, session) = (table.IndexOf(Participant), table.IndexOf(Session));
        HasSessions |= session >= 0;
        string[] columns = [.. table.Columns.Where(column => column is not (Participant or Session or ""))];
        Columns = [.. Columns.Union(columns, StringComparer.Ordinal)];
        foreach (var column in columns)
            _values.TryAdd(column, []);
        var seen = new Dictionary<(string, string), CsvLine>();
        var wrongs = table.RowFaults();
        var repeated = new RepeatedKeys(table.File, "subject and session", "that one is used");
        var contrary = new RepeatedKeys(table.File, "subject and session", "values in which they differ are left empty");
        foreach (var line in table.Lines)
        {
            var key = (Subject: subject ?? line.Fields[participant], Session: session < 0 ? "" : line.Fields[session]);
            if (!key.Subject.StartsWith(SubjectPrefix, StringComparison.Ordinal))
                wrongs.Add(line, participant, $"does not begin with '{SubjectPrefix}', as BIDS has it");
            else if (session >= 0 && !key.Session.StartsWith(SessionPrefix, StringComparison.Ordinal))
                wrongs.Add(line, session, $"does not begin with '{SessionPrefix}', as BIDS has it");
            else if (!seen.TryAdd(key, line))
                (Agrees(table, line, columns, key, seen[key]) ? repeated : contrary).Add(line, seen[key]);
            else
                Keep(table, line, columns, key);
        }

        wrongs.AddTo(faults);
        repeated.AddTo(faults);
        contrary.AddTo(faults);
    }

    /// <summary>Whether a line says the same of somebody as the first one did; what it says otherwise is left empty, for nobody knows which is right.</summary>
    private bool Agrees(CsvTable table, CsvLine line, string[] columns, (string Subject, string Session) key, CsvLine first)
    {
        string[] contrary = [.. columns.Where(column => TextOf(table, line, column) != TextOf(table, first, column))];
        foreach (var column in contrary)
        {
            _values[column][key] = "";
            Contrary.Add(column);
        }

        return contrary.Length == 0;
    }

    private string TextOf(CsvTable table, CsvLine line, string column) =>
        line.Fields[table.IndexOf(column)] is var text && Sidecars.GetValueOrDefault(column)?.Missing.Contains(text) == true ? "" : text;

    private void Keep(CsvTable table, CsvLine line, string[] columns, (string Subject, string Session) key)
    {
        _lines.Add(key, (table, line));
        foreach (var column in columns)
            _values[column][key] = TextOf(table, line, column);
    }
}
