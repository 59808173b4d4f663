using System.Diagnostics.CodeAnalysis;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>Reads site.yaml node by node: every unknown key and wrong value is reported with its line and column.</summary>
internal sealed class SiteYaml(FaultList<Fault> faults)
{
    private const string Keys = "template, template_file, show_template, resolution_mm, volumes, variables, outcomes, families, masks, parcellations, missing, separator or decimal";

    private TableFormat _format = new();
    private CsvTable _subjects = CsvTable.None;
    private CsvTable _outcomes = CsvTable.None;
    private YamlNode.Mapping? _root;
    private bool _isSound;

    /// <summary>Whether the file exists and is YAML of the right shape.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Whether the file exists and could not be read.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Reads the file, and interprets the keys that say how tables are written: this must be known before tables are read.</summary>
    public TableFormat ReadFormat(string directory)
    {
        var before = faults.Total;
        _root = ReadSound(directory);
        IsTorn = !IsRead && faults.Total > before;
        var format = new TableFormat();
        foreach (var (key, value) in _root?.Members.Values ?? [])
        {
            format = key.Text switch
            {
                "missing" => format with { Missing = Missing(value) },
                "separator" => ReadSeparator(value) is { } separator ? format with { SeparatorBy = SiteDeclaration.File, Separator = separator } : format,
                "decimal" => format with { DecimalMark = Text(value) is "." or "," ? Text(value)![0] : Refuse(value, "expected \".\" or \",\"", '.') },
                _ => format,
            };
        }

        _isSound = faults.Total == before;
        return _format = format;
    }

    /// <summary>Interprets the other keys. If site.yaml has a fault, nothing is offered that it does not declare: otherwise a typing error would offer all columns.</summary>
    public SiteDeclaration Read(CsvTable subjects, CsvTable outcomes)
    {
        (_subjects, _outcomes) = (subjects, outcomes);
        var before = faults.Total;
        var site = _root is null ? new SiteDeclaration() : Read(_root);
        return _isSound && faults.Total == before ? site : site with { Variables = site.Variables ?? [], Outcomes = site.Outcomes ?? [] };
    }

    private YamlNode.Mapping? ReadSound(string directory)
    {
        var path = Path.Combine(directory, SiteDeclaration.File);
        try
        {
            var bytes = RegularFile.ReadAllBytes(path, YamlDocument.MaxBytes);
            if (ForeignFile.NameOf(bytes) is { } foreign)
            {
                faults.Add(new Fault(SiteDeclaration.File, 0, 0, $"is {foreign}"));
                return null;
            }

            var text = Utf8Text.Decode(bytes, out var fault);
            var root = text is null ? null : YamlDocument.Parse(text, out fault);
            if (fault is not null)
                faults.Add(new Fault(SiteDeclaration.File, fault.Line, fault.Column, fault.Message));
            IsRead = fault is null && root is null or YamlNode.Mapping;
            return root switch
            {
                null => null,
                YamlNode.Mapping mapping => mapping,
                _ => Refuse<YamlNode.Mapping?>(root, "expected one mapping: template, variables, outcomes", null),
            };
        }
        catch (FileNotFoundException) when (new FileInfo(path).LinkTarget is null)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(SiteDeclaration.File, 0, 0, exception is RegularFileException ? exception.Message : DeadLink.WhyOf(path) ?? "the file cannot be read"));
            return null;
        }
    }

    private SiteDeclaration Read(YamlNode.Mapping root)
    {
        var site = new SiteDeclaration();
        foreach (var (key, value) in root.Members.Values)
        {
            // Declarations about a table that could not be read are not looked at: the table's own fault says everything.
            site = key.Text switch
            {
                "template" => site with { Template = Name(value) },
                "template_file" => site with { TemplateFile = Name(value) },
                "show_template" => site with { ShowsTemplate = Text(value) is "true" or "false" ? Text(value) == "true" : Refuse(value, "expected true or false", false) },
                "resolution_mm" => site with { ResolutionMm = Size(value) },
                "volumes" => site with { Volumes = Folders(value) },
                "variables" => site with { Variables = _subjects.Columns.Count > 0 ? Entries(value, Variable) : [] },
                "outcomes" => site with { Outcomes = _outcomes.Columns.Count > 0 ? Entries(value, Outcome) : [] },
                "families" => site with { Families = _outcomes.Columns.Count > 0 ? Families(value) : [] },
                "masks" => site with { MaskThresholds = Thresholds(value) },
                "parcellations" => site with { Parcellations = Parcellations(value) },
                "missing" or "separator" or "decimal" => site,
                _ => Refuse(key, $"unknown key, expected {Keys}", site),
            };
        }

        return site;
    }

    private List<string> Parcellations(YamlNode node) =>
        List(node) is { } names && names.TrueForAll(name => !name.StartsWith('.') && !name.Contains('/'))
            ? names
            : Refuse(node, "expected a list of different names: NAME is that of parcellations/NAME.nii.gz and parcellations/NAME.csv", new List<string>());

    private Dictionary<string, double> Thresholds(YamlNode node)
    {
        var thresholds = new Dictionary<string, double>(StringComparer.Ordinal);
        if (node is not YamlNode.Mapping mapping)
            return Refuse(node, "expected a mapping from names", thresholds);
        foreach (var (key, value) in mapping.Members.Values)
        {
            if (value is YamlNode.Mapping { Members.Count: 1 } of && of.Members.Values.First() is { Key.Text: "above", Value: var above }
                && TableNumber.Parse(Text(above) ?? "") is >= 0 and var threshold)
                thresholds[key.Text] = threshold;
            else
                Refuse(value, "expected {above: …}, a number of at least 0", false);
        }

        return thresholds;
    }

    /// <summary>The texts that stand for a missing value. The empty field always does.</summary>
    private string[] Missing(YamlNode node) => node is YamlNode.Sequence { Items: var items } && items.All(item => item is YamlNode.Scalar)
        ? [.. items.Select(item => Text(item)!).Distinct(StringComparer.Ordinal)]
        : Refuse<string[]>(node, "expected a list of texts: [NA, n/a, -999]", []);

    private List<T> Entries<T>(YamlNode node, Func<YamlNode, string, YamlNode, T?> read)
        where T : class
    {
        var entries = new List<T>();
        if (node is not YamlNode.Mapping mapping)
            return Refuse(node, "expected a mapping from names", entries);
        foreach (var (key, value) in mapping.Members.Values)
        {
            if (Name(key) is { } name && read(key, name, value) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    private VariableDeclaration? Variable(YamlNode key, string name, YamlNode node)
    {
        if (name == "subject_id" || _subjects.IndexOf(name) < 0)
            return Refuse<VariableDeclaration?>(key, "no such column in subjects.csv", null);
        if (node is not YamlNode.Mapping { Members.Count: 1 } mapping)
            return Refuse<VariableDeclaration?>(node, "expected {levels: […]} or {bins: […]}", null);
        var (kind, value) = mapping.Members.Values.First();
        switch (kind.Text)
        {
            case "levels":
                return Values(value) is { Count: > 0 } levels
                    ? new VariableDeclaration.Category(name, levels)
                    : Refuse<VariableDeclaration?>(value, "expected a list of different values", null);
            case "bins":
                return Values(value) is { Count: > 1 } texts && texts.ConvertAll(TableNumber.Parse) is var edges
                    && edges.Zip(edges.Skip(1)).All(bin => bin.First < bin.Second)
                    ? new VariableDeclaration.Number(name, edges)
                    : Refuse<VariableDeclaration?>(value, "expected at least two edges, each greater than the one before", null);
            default:
                return Refuse<VariableDeclaration?>(kind, "unknown key, expected levels or bins", null);
        }
    }

    private OutcomeDeclaration? Outcome(YamlNode key, string name, YamlNode node)
    {
        if (name is "subject_id" or "visit" || _outcomes.IndexOf(name) < 0)
            return Refuse<OutcomeDeclaration?>(key, "no such column in outcomes.csv", null);
        if (node is YamlNode.Scalar { Text: "" } or YamlNode.Mapping { Members.Count: 0 })
            return new OutcomeDeclaration(name, null);
        if (node is not YamlNode.Mapping { Members.Count: 1 } mapping || mapping.Members.Values.First() is not { Key.Text: "levels", Value: var value })
            return Refuse<OutcomeDeclaration?>(node, "expected {} or {levels: […]}", null);
        return Values(value) is { Count: > 0 } texts && texts.ConvertAll(TableNumber.Parse) is var levels && levels.TrueForAll(double.IsFinite)
            ? new OutcomeDeclaration(name, levels)
            : Refuse<OutcomeDeclaration?>(value, "expected a list of different numbers", null);
    }

    private List<IReadOnlyList<string>> Families(YamlNode node)
    {
        var families = new List<IReadOnlyList<string>>();
        if (node is not YamlNode.Sequence { Items: var items })
            return Refuse(node, "expected a list of lists of outcomes", families);
        foreach (var item in items)
        {
            if (List(item) is not { Count: > 1 } family)
                Refuse(item, "expected a list of at least two different outcomes", false);
            else if (family.Find(name => name is "subject_id" or "visit" || _outcomes.IndexOf(name) < 0) is { } stranger)
                Refuse(item, $"no such column in outcomes.csv: {Quoted.Bare(stranger)}", false);
            else
                families.Add(family);
        }

        return families;
    }

    private List<string> Folders(YamlNode node) =>
        List(node) is { } folders && folders.TrueForAll(Path.IsPathFullyQualified) ? folders : Refuse(node, "expected a list of different absolute folders", new List<string>());

    private char? ReadSeparator(YamlNode node) => Text(node) switch
    {
        "," => ',',
        ";" => ';',
        "\t" or "\\t" or "TAB" or "tab" => '\t',
        _ => Refuse<char?>(node, "expected \",\", \";\" or \"\\t\"", null),
    };

    private string? Name(YamlNode node) => Text(node) is { Length: > 0 } name ? name : Refuse<string?>(node, "expected a text", null);

    /// <summary>The list's entries; null when the node is no list, or an entry is wrong or occurs twice.</summary>
    private static List<string>? List(YamlNode node)
    {
        if (node is not YamlNode.Sequence { Items: var items })
            return null;
        var values = items.Select(Text).OfType<string>().Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return values.Count == items.Count ? values : null;
    }

    /// <summary>A list of texts of cells. Its numbers may be written as in the tables.</summary>
    private List<string>? Values(YamlNode node) => List(node)?.ConvertAll(_format.WithPoint);

    private static string? Text(YamlNode node) => (node as YamlNode.Scalar)?.Text;

    private double? Size(YamlNode node) =>
        Text(node) is { } text && TableNumber.Parse(text) is > 0 and var size ? size : Refuse<double?>(node, "expected a positive number of millimetres", null);

    [return: NotNullIfNotNull(nameof(instead))]
    private T Refuse<T>(YamlNode node, string message, T instead)
    {
        faults.Add(new Fault(SiteDeclaration.File, node.Line, node.Column, message));
        return instead;
    }
}
