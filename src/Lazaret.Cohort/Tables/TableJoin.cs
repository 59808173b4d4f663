using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Joins the tables on (subject_id, visit) as exact text. A key that one table has twice is ambiguous: it is reported, and its lines join to nothing.</summary>
internal sealed class TableJoin
{
    private readonly CsvTable _subjects;
    private readonly CsvTable _outcomes;
    private readonly CsvTable _paths;
    private readonly VolumePaths _volumes;
    private readonly FaultList<Fault> _faults;
    private readonly Dictionary<Key, CsvLine> _subjectLines;
    private readonly Dictionary<Key, CsvLine> _outcomeLines;
    private readonly Dictionary<Key, CsvLine> _pathLines;
    private readonly Dictionary<CsvLine, string> _absent = [];

    public TableJoin(CsvTable subjects, CsvTable outcomes, CsvTable paths, VolumePaths volumes, FaultList<Fault> faults)
    {
        _subjects = subjects;
        _outcomes = outcomes;
        _paths = paths;
        _volumes = volumes;
        _faults = faults;
        _subjectLines = Index(subjects);
        _outcomeLines = Index(outcomes);
        _pathLines = Index(paths);
    }

    /// <summary>Every volume that exists, by the line of paths.csv that names it.</summary>
    public Dictionary<CsvLine, string> FindVolumes()
    {
        var found = new Dictionary<CsvLine, string>();
        var column = _paths.IndexOf("conn_path");
        var wrongs = _paths.RowFaults();
        foreach (var line in _pathLines.Values)
        {
            var (path, wrong) = _volumes.Resolve(line.Fields[column]);
            if (path is not null)
            {
                wrong = File.Exists(path) ? DeadLink.WhyOf(path) : $"names a file that does not exist{WhyNot(line.Fields[column])}";
                if (wrong is not null)
                    _absent.Add(line, path);
                wrong ??= _volumes.WhyNotShown(path);
            }

            if (wrong is null)
                found.Add(line, path!);
            else
                wrongs.Add(line, column, wrong);
        }

        wrongs.AddTo(_faults);
        return found;
    }

    /// <summary>What may be wrong with a path that does not exist, or what mends it: other programs write backslashes, or an address, or spaces around it.</summary>
    private static string WhyNot(string path) => path switch
    {
        _ when path.Contains('\\') => ": it has backslashes, as on Windows: write '/'",
        _ when path.Contains("://", StringComparison.Ordinal) => ": it is an address: write a path of this machine",
        _ when path.Trim() != path => ": there are spaces around it",
        _ => ": put the file there or correct the path",
    };

    public List<JoinedRow> Join(Dictionary<CsvLine, string> volumes)
    {
        var rows = new List<JoinedRow>();
        foreach (var (key, subject) in _subjectLines)
        {
            if (_outcomeLines.TryGetValue(key, out var outcome) && _pathLines.TryGetValue(key, out var line) && volumes.TryGetValue(line, out var volume))
                rows.Add(new JoinedRow(new CohortRow(key.SubjectId, key.Visit, volume, _volumes.NameOf(volume), line.Number), subject, outcome));
        }

        return rows;
    }

    /// <summary>The lines that would be rows if their volumes existed. Call it after <see cref="FindVolumes"/>.</summary>
    public IReadOnlyList<CohortRow> Absent() => [.. Join(_absent).Select(row => row.Row)];

    /// <summary>
    /// Adds faults for lines that do not join only because identifiers are written differently: one for each pair of tables and kind of difference, with the number
    /// of lines.
    /// </summary>
    public void AddNearMisses()
    {
        foreach (var (table, lines, partner, partnerLines) in new[] { (_outcomes, _outcomeLines, _subjects, _subjectLines), (_paths, _pathLines, _subjects, _subjectLines) })
        {
            if (!table.IsRead || !partner.IsRead)
                continue;
            var here = lines.Where(entry => !partnerLines.ContainsKey(entry.Key)).ToList();
            var there = partnerLines.Where(entry => !lines.ContainsKey(entry.Key)).ToList();
            foreach (var (difference, plain) in NearMiss.Differences)
            {
                var alike = there.ToLookup(entry => (plain(entry.Key.SubjectId), plain(entry.Key.Visit)), entry => entry.Value);
                var met = here.Where(entry => alike.Contains((plain(entry.Key.SubjectId), plain(entry.Key.Visit)))).ToList();
                if (met.Count == 0)
                    continue;
                var (key, line) = met[0];
                var other = alike[(plain(key.SubjectId), plain(key.Visit))].First();
                _faults.Add(new Fault(table.File, line.Number, 0, $"{met.Count} of {lines.Count} rows {(met.Count == 1 ? "has" : "have")} no match in {partner.File} only because of {difference} in subject_id or visit; the first should match line {other.Number} there"));
                here.RemoveAll(met.Contains);
            }
        }
    }

    /// <summary>How many lines of each table join to nothing.</summary>
    public IEnumerable<Fault> Lost()
    {
        foreach (var (table, lines, partner, partnerLines) in new[]
        {
            (_subjects, _subjectLines, _outcomes, _outcomeLines), (_subjects, _subjectLines, _paths, _pathLines),
            (_outcomes, _outcomeLines, _subjects, _subjectLines), (_paths, _pathLines, _subjects, _subjectLines),
        })
        {
            if (table.IsRead && partner.IsRead && lines.Keys.Count(key => !partnerLines.ContainsKey(key)) is > 0 and var lost)
                yield return new Fault(table.File, 0, 0, lost == lines.Count ? $"no row has a match in {partner.File}" : $"{lost} of {lines.Count} rows {(lost == 1 ? "has" : "have")} no match in {partner.File}");
        }
    }

    public FaultList<Fault> Notes(int most)
    {
        var notes = new FaultList<Fault>(most);
        AddLonely(_subjects, _subjectLines, _outcomes, _outcomeLines);
        AddLonely(_subjects, _subjectLines, _paths, _pathLines);
        AddLonely(_outcomes, _outcomeLines, _subjects, _subjectLines);
        AddLonely(_paths, _pathLines, _subjects, _subjectLines);
        return notes;

        void AddLonely(CsvTable table, Dictionary<Key, CsvLine> lines, CsvTable partner, Dictionary<Key, CsvLine> partnerLines)
        {
            if (!partner.IsRead)
                return;
            foreach (var (key, line) in lines)
            {
                if (!partnerLines.ContainsKey(key))
                    notes.Add((table.File, line, partner), static of => new Fault(of.File, of.line.Number, 0, $"no line in {of.partner.File} has this subject_id and visit"));
            }
        }
    }

    private Dictionary<Key, CsvLine> Index(CsvTable table)
    {
        var (subject, visit) = (table.IndexOf("subject_id"), table.IndexOf("visit"));
        var lines = new Dictionary<Key, CsvLine>();
        var unused = new HashSet<Key>();
        var wrongs = table.RowFaults();
        var repeated = new RepeatedKeys(table.File, "subject_id and visit", "neither is used");
        foreach (var line in table.Lines)
        {
            var key = new Key(line.Fields[subject], line.Fields[visit]);
            if (key.SubjectId.Length == 0)
                wrongs.Add(line, subject, "is empty");
            if (key.Visit.Length == 0)
                wrongs.Add(line, visit, "is empty");
            if (key.SubjectId.Length == 0 || key.Visit.Length == 0 || lines.TryAdd(key, line))
                continue;
            unused.Add(key);
            repeated.Add(line, lines[key]);
        }

        wrongs.AddTo(_faults);
        repeated.AddTo(_faults);
        foreach (var key in unused)
            lines.Remove(key);
        return lines;
    }

    private sealed record Key(string SubjectId, string Visit);
}

internal sealed record JoinedRow(CohortRow Row, CsvLine Subject, CsvLine Outcome);
