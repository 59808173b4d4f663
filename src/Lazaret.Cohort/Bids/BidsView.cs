using System.Globalization;
using System.Text;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Bids;

/// <summary>A data view made of a data set by a mapping: the texts of its tables. Volumes stay where they are, and are named by their paths.</summary>
public sealed class BidsView
{
    private const string MustBeQuoted = "\",\r\n";

    /// <summary>Beyond it programs see the folder of the derivatives as a whole, since each file would be a mount of its own.</summary>
    private const int MostFiles = 1000;

    private const int MostNamed = 8;

    private readonly BidsDataset _dataset;
    private readonly BidsMapping _mapping;
    private readonly List<BidsMap> _maps;

    private BidsView(BidsDataset dataset, BidsMapping mapping, List<BidsMap> maps) => (_dataset, _mapping, _maps) = (dataset, mapping, maps);

    /// <summary>How many volumes it names.</summary>
    public int Volumes => _maps.Count;

    /// <summary>Null when the mapping does not fit the data set, and then <paramref name="faults"/> say why.</summary>
    /// <param name="name">What the mapping's faults are to begin with.</param>
    public static BidsView? Of(BidsDataset dataset, BidsMapping mapping, string name, FaultList<Fault> faults)
    {
        var before = faults.Total;
        foreach (var entry in mapping.Attributes.Concat(mapping.Outcomes))
        {
            if (dataset.Table(entry.Column.Table) is not { } table)
                faults.Add(new Fault(name, entry.Line, entry.Place, $"{Quoted.Bare(entry.Name)}: the data set has no table {Quoted.Bare(entry.Column.Table)}"));
            else if (!table.Columns.Contains(entry.Column.Column))
                faults.Add(new Fault(name, entry.Line, entry.Place, $"{Quoted.Bare(entry.Name)}: {table.Name} has no column {Quoted.Bare(entry.Column.Column)}"));
            else if (mapping.Attributes.Contains(entry) && !BidsProposal.IsCategory(table, entry.Column.Column) && ColumnTexts.Of(table.Values(entry.Column.Column), table.MissingTexts) is { IsMixed: true, Numbers: 0 })
                faults.Add(new Fault(name, entry.Line, entry.Place, $"{Quoted.Bare(entry.Name)}: no value of {table.Name} is a number, though most look like one: mend the table"));
        }

        var maps = mapping.Maps is null ? [] : dataset.Maps.Matching(mapping.Maps).ToList();
        if (dataset.Maps.Volumes.Count == 0)
            faults.Add(new Fault(name, 0, 0, $"maps: there are no volumes of subjects below {Path.Combine(dataset.Folder, "derivatives")}/"));
        else if (mapping.Maps is null)
            faults.Add(new Fault(name, 0, 0, dataset.Maps.Patterns.Count == 1 ? "maps: nothing is chosen" : "maps: several patterns would do: choose one"));
        else if (maps.Count == 0)
            faults.Add(new Fault(name, 0, 0, $"maps: no volume below derivatives/ follows {Quoted.Bare(mapping.Maps, 200)}"));
        foreach (var twice in maps.GroupBy(map => (map.Subject, map.Session)).Where(found => found.Skip(1).Any()).Take(1))
            faults.Add(new Fault(name, 0, 0, $"maps: there are {twice.Count()} volumes for one subject and session: make the pattern narrower"));
        return faults.Total > before ? null : new BidsView(dataset, mapping, maps);
    }

    /// <summary>What of the data set the view leaves out, and which values it has not, with counts.</summary>
    public IReadOnlyList<string> Lost
    {
        get
        {
            var participants = _dataset.Table(BidsDataset.ParticipantsTable)!;
            var mapped = _mapping.Attributes.Concat(_mapping.Outcomes).Select(entry => entry.Column.Table).Distinct(StringComparer.Ordinal).Select(name => _dataset.Table(name)!);
            return
            [
                .. _dataset.Maps.IsCut ? [string.Create(CultureInfo.InvariantCulture, $"there are more than {BidsMaps.MostFiles} files below derivatives/, and volumes beyond them were not looked for")] : (string[])[],
                .. _dataset.Unread.Select(file => $"{Quoted.Bare(file)}: is not read: BIDS has tables there with tabulators between the values, and with the ending .tsv"),
                .. LostOf(participants, (some, all) => $"{some} of {all} participants have no volume that the pattern names", (some, all) => $"{some} of {all} subjects with volumes are not in {participants.Name}"),
                .. mapped.Where(table => table != participants).SelectMany(table => LostOf(
                    table, (some, all) => $"{Quoted.Bare(table.Name)}: {some} of {all} rows have no volume that the pattern names", (some, all) => $"{Quoted.Bare(table.Name)}: {some} of {all} subjects or sessions with volumes have no row, and its columns are empty for them")),
            ];
        }
    }

    /// <summary>What to do where no outcome is mapped, so that nothing can be asked; null where one is.</summary>
    public string? WithoutOutcome
    {
        get
        {
            if (_mapping.Outcomes.Count > 0)
                return null;
            var numbers = _mapping.Attributes.Where(entry => !BidsProposal.IsCategory(_dataset.Table(entry.Column.Table)!, entry.Column.Column)).Select(entry => Quoted.Bare(entry.Name)).ToList();
            return numbers.Count == 0
                ? "no outcome: no column of the data set that is mapped holds numbers, so nothing can be asked"
                : $"no outcome: move one of {string.Join(", ", numbers.Take(MostNamed))}{(numbers.Count > MostNamed ? ", …" : "")} from attributes to outcomes in {BidsMapping.File}, and import again with --mapping";
        }
    }

    /// <summary>Columns that a site.yaml which was there before does not declare, so that nobody can ask for them.</summary>
    public IReadOnlyList<string> UndeclaredIn(SiteDeclaration site) =>
    [
        .. _mapping.Attributes.Select(entry => entry.Name).Where(name => site.Variables?.Any(variable => variable.Name == name) == false),
        .. _mapping.Outcomes.Select(entry => entry.Name).Where(name => site.Outcomes?.Any(outcome => outcome.Name == name) == false),
    ];

    private IEnumerable<string> LostOf(BidsTable table, Func<int, int, string> unseen, Func<int, int, string> unknown)
    {
        if (table is { HasSessions: true, Keys.Count: > 0 } && _maps.TrueForAll(map => map.Session.Length == 0))
        {
            yield return $"{Quoted.Bare(table.Name)}: its rows are of sessions, and the paths of the volumes name none: its columns are empty";
            yield break;
        }

        var asked = _maps.Select(map => table.KeyOf(map.Subject, map.Session)).ToHashSet();
        var (rows, volumes) = (table.Keys.Where(key => !asked.Contains(key)).ToList(), asked.Where(key => !table.Keys.Contains(key)).ToList());
        if (rows.Count > 0)
            yield return unseen(rows.Count, table.Keys.Count);
        if (volumes.Count > 0)
            yield return unknown(volumes.Count, asked.Count);
        foreach (var (difference, plain) in NearMiss.Differences)
        {
            var alike = rows.Select(Plain).ToHashSet();
            if (volumes.RemoveAll(key => alike.Contains(Plain(key))) is > 0 and var met)
                yield return string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(table.Name)}: {met} of these have no row there only because of {difference} in the names of subjects or sessions");

            (string, string) Plain((string Subject, string Session) key) => (plain(key.Subject), plain(key.Session));
        }
    }

    /// <summary>By the names of the view's files.</summary>
    public IReadOnlyDictionary<string, string> Files => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [DataView.SubjectsFile] = Table(_mapping.Attributes),
        [DataView.OutcomesFile] = Table(_mapping.Outcomes),
        [DataView.PathsFile] = Lines(["subject_id", "visit", "conn_path"], map => [Path.Combine(_dataset.Folder, map.Path)]),
        [SiteDeclaration.File] = Yaml(),
        [BidsMapping.File] = _mapping.Write(),
    };

    private string Table(IReadOnlyList<BidsEntry> entries) => Lines(
        ["subject_id", "visit", .. entries.Select(entry => entry.Name)],
        map => entries.Select(entry => _dataset.Table(entry.Column.Table)!.Value(entry.Column.Column, map.Subject, map.Session)));

    private string Lines(IEnumerable<string> header, Func<BidsMap, IEnumerable<string>> values)
    {
        var text = new StringBuilder();
        Append(header);
        foreach (var map in _maps)
            Append([map.Subject, map.Session.Length > 0 ? map.Session : _mapping.Visit, .. values(map)]);
        return text.ToString();

        void Append(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(field =>
            field.AsSpan().ContainsAny(MustBeQuoted) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field)).Append('\n');
    }

    private string Yaml()
    {
        var text = new StringBuilder();
        text.Append("# Made out of a BIDS data set by 'lazaret site import-bids'; docs/data-view.md says what else may stand here.\n");
        if (TemplateSpace.InName(_mapping.Maps!) is { } template)
            text.Append($"template: {BidsMapping.Quote(template)}\n");
        if (_maps.Count > MostFiles)
            text.Append($"volumes: [{BidsMapping.Quote(Path.Combine(_dataset.Folder, string.Join('/', _maps[0].Path.Split('/').Take(2))))}]\n");
        if (_mapping.Attributes.Count > 0)
            text.Append("variables:\n");
        foreach (var entry in _mapping.Attributes)
            text.Append($"  {BidsMapping.Quote(entry.Name)}: {Variable(_dataset.Table(entry.Column.Table)!, entry.Column.Column)}\n");
        if (_mapping.Outcomes.Count > 0)
            text.Append("outcomes:\n");
        foreach (var entry in _mapping.Outcomes)
            text.Append($"  {BidsMapping.Quote(entry.Name)}: {Outcome(_dataset.Table(entry.Column.Table)!, entry.Column.Column)}\n");
        return text.ToString();
    }

    private static string Variable(BidsTable table, string column)
    {
        var values = table.Values(column).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (BidsProposal.IsCategory(table, column))
            return $"{{levels: [{string.Join(", ", (BidsProposal.LevelsOf(table, column) is { } levels ? levels.Keys : values.Where(value => !MissingCodes.Contains(value))).Select(BidsMapping.Quote))}]}}";
        double[] cells = [.. table.Values(column).Select(TableNumber.Parse).Where(double.IsFinite)];
        // A code for a missing value would stretch the bins until all others are in one.
        double[] numbers = [.. cells.Distinct().Order().Except(CodesOfNumbers.Far(cells))];
        return numbers.Length > 1
            ? $"{{bins: [{string.Join(", ", Bins.Derive(numbers[0], numbers[^1]).Select(edge => edge.ToString(CultureInfo.InvariantCulture)))}]}}"
            : $"{{levels: [{string.Join(", ", values.Where(WrittenNumber.IsPlain).Select(BidsMapping.Quote))}]}}";
    }

    private static string Outcome(BidsTable table, string column) =>
        BidsProposal.LevelsOf(table, column) is { } levels && levels.Keys.All(level => double.IsFinite(TableNumber.Parse(level)))
            ? $"{{levels: [{string.Join(", ", levels.Keys)}]}}"
            : "{}";
}
