using System.Text.RegularExpressions;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Bids;

/// <summary>
/// Proposes a mapping: the volumes' pattern that has the most subjects; numbers of phenotype/ as outcomes; numbers and short lists of levels, of any
/// table, as attributes. What looks like free text or a date is left out: it tells who somebody is.
/// </summary>
public static partial class BidsProposal
{
    /// <summary>With more, texts are no levels.</summary>
    private const int MostLevels = 20;

    /// <summary>With more, texts that hardly repeat are no levels.</summary>
    private const int FewLevels = 5;

    private const int MostPatterns = 10;

    public static BidsMapping Of(BidsDataset dataset)
    {
        var notes = new List<string>();
        var faults = new List<Fault>();
        List<BidsEntry> attributes = [], outcomes = [];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var names = dataset.Tables.SelectMany(table => table.Columns).CountBy(name => name).ToDictionary(StringComparer.Ordinal);
        foreach (var table in dataset.Tables)
        {
            foreach (var column in table.Columns)
            {
                if (FaultOf(table, column) is { } fault)
                    faults.Add(fault);
                if (WhyNot(table, column) is { } why)
                {
                    notes.Add($"left out: {table.Name}#{column} ({why})");
                    continue;
                }

                if (!HasLevels(table, column) && table.Sidecars.GetValueOrDefault(column)?.Levels is { Count: > 0 })
                    notes.Add($"{table.Name}#{column}: {Path.ChangeExtension(table.Name, ".json")} lists levels that most of its values are not, so they are not taken for all that there are");
                if (!IsCategory(table, column) && CodeName.IsOf(column, table.Values(column).Select(TableNumber.Parse).Where(double.IsFinite)))
                    notes.Add($"{table.Name}#{column}: is called like a code and holds whole numbers, so that it is a measurement with bins: write 'levels' in place of them into {SiteDeclaration.File} if they are codes");
                // The same name in several tables, or the view's own, needs another.
                var name = names[column] > 1 || BidsEntry.IsReserved(column) ? $"{Path.GetFileNameWithoutExtension(table.Name)}_{column}" : column;
                while (!taken.Add(name))
                    name += "_";
                var entry = new BidsEntry(name, new BidsColumn(table.Name, column)) { About = About(table.Sidecars.GetValueOrDefault(column)) };
                (table.Name.Contains('/', StringComparison.Ordinal) && IsNumber(table, column) ? outcomes : attributes).Add(entry);
            }
        }

        var all = dataset.Maps.Patterns;
        var patterns = all.Where(pattern => !IsOther().IsMatch(pattern.Pattern)).ToList();
        // Some subjects may lack a volume; of two patterns that many have, nobody knows which is meant.
        var isClear = patterns is [_] || (patterns.Count > 1 && patterns[0].Subjects > 2 * patterns[1].Subjects);
        if (all.Count == 0)
            notes.Add("no volumes of subjects were found below derivatives/");
        else if (patterns.Count == 0)
            notes.Add($"by their names all volumes of subjects are what lies beside maps (raw series, masks, transformations): write the pattern of those that are maps all the same into 'maps' of {BidsMapping.File}");
        if (patterns.Count != 1)
            notes.AddRange((patterns.Count > 0 ? patterns : all).Take(MostPatterns).Select(pattern => $"volumes of {pattern.Subjects} subjects: {pattern.Pattern}"));
        return new BidsMapping { Maps = isClear ? patterns[0].Pattern : null, Attributes = attributes, Outcomes = outcomes, Notes = notes, Faults = faults };
    }

    /// <summary>Whether a column is a number: most of its values are. The view's own check names the cells that are none.</summary>
    internal static bool IsNumber(BidsTable table, string column) => ColumnTexts.Of(table.Values(column), table.MissingTexts).IsNumber;

    /// <summary>Whether an attribute is a category: it has levels, or holds no number.</summary>
    internal static bool IsCategory(BidsTable table, string column) =>
        HasLevels(table, column) || ColumnTexts.Of(table.Values(column), table.MissingTexts) is { IsNumber: false, IsMixed: false };

    /// <summary>The levels that the table's JSON file lists; null where most values are none of them, as where it says what the ends of a scale mean.</summary>
    internal static IReadOnlyDictionary<string, string>? LevelsOf(BidsTable table, string column) =>
        table.Sidecars.GetValueOrDefault(column)?.Levels is { Count: > 0 } levels && 2 * table.Values(column).Count(value => !levels.ContainsKey(value)) <= table.Values(column).Count() ? levels : null;

    private static bool HasLevels(BidsTable table, string column) => LevelsOf(table, column) is not null;

    /// <summary>What is wrong with a column of numbers and something else.</summary>
    private static Fault? FaultOf(BidsTable table, string column)
    {
        if (HasLevels(table, column) || ColumnTexts.Of(table.Values(column), table.MissingTexts) is not { IsMixed: true } texts)
            return null;
        var first = table.Values(column).First(texts.IsWrong);
        // No site.yaml is asked how a data set of BIDS is written.
        var cure = WrittenNumber.Of(first, out _) is Writing.Comma or Writing.CommaOrThousands ? "it has a decimal comma, or one between thousands: write a point before decimals and nothing between thousands, as BIDS has it" : null;
        return table.FirstFault(column, texts.IsWrong, texts.WrongOf(first, cure));
    }

    private static string? WhyNot(BidsTable table, string column)
    {
        var values = table.Values(column).Distinct(StringComparer.Ordinal).ToList();
        if (values.Count == 0)
        {
            return table.Keys.Count == 0 ? "no row of its table can be used"
                : table.Contrary.Contains(column) ? "the rows of a subject differ in it, so that nobody knows which is right: if they are of several sessions, the table needs a column session_id"
                : "it is empty";
        }

        if (HasLevels(table, column))
            return null;
        if (ColumnTexts.Of(table.Values(column), table.MissingTexts) is ({ IsNumber: true } or { IsMixed: true }) and var texts)
        {
            return texts is { IsNumber: true, Numbers: > 0 } ? null
                : texts.IsNumber ? $"none of its {texts.All} values is a number, though most look like one: mend the table"
                : $"{texts.Numbers + texts.Written} of its {texts.All} values look like numbers, and the others do not: mend the table, or name the column in {BidsMapping.File} and in {SiteDeclaration.File}";
        }

        if (values.Exists(value => Date().IsMatch(value) || UnusableColumns.IsDate(value)))
            return "it holds dates";
        if (values.Count > MostLevels)
            return $"more than {MostLevels} different texts";
        return values.Count > FewLevels && 2 * values.Count > table.Values(column).Count() ? "most of its texts are there once" : null;
    }

    /// <summary>Volumes that lie beside the maps of a subject, and are none.</summary>
    [GeneratedRegex(@"_(?:mask|dseg|probseg|xfm|boldref|bold|sbref|dwi|epi|T1w|T2w|T2starw|PDw|FLAIR|phase[12]?|phasediff|magnitude[12]?|fieldmap)\.nii(?:\.gz)?$", RegexOptions.None, 1000)]
    private static partial Regex IsOther();

    [GeneratedRegex("\\b[0-9]{4}-[0-9]{2}-[0-9]{2}", RegexOptions.None, 1000)]
    private static partial Regex Date();

    private static string About(BidsSidecar? sidecar) => string.Join("; ", new[]
    {
        sidecar?.Description,
        sidecar?.Units is { } units ? $"in {units}" : null,
        sidecar?.Levels is { Count: > 0 } levels ? string.Join(", ", levels.Select(level => $"{level.Key}: {level.Value}")) : null,
    }.OfType<string>());
}
