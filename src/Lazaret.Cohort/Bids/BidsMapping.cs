using System.Text;
using System.Text.Encodings.Web;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Bids;

/// <summary>Which columns and volumes of a data set a data view is made of: proposed, read and changed by a person, and kept beside the view.</summary>
public sealed class BidsMapping
{
    /// <summary>The name it is kept under.</summary>
    public const string File = "bids.yaml";

    /// <summary>What a visit is called where volumes have no session.</summary>
    private const string OneVisit = "1";

    /// <summary>The pattern of the volumes' paths; null where several would do.</summary>
    public string? Maps { get; init; }

    /// <summary>The name of the one visit, where volumes have no session.</summary>
    public string Visit { get; init; } = OneVisit;

    /// <summary>Columns of subjects.csv.</summary>
    internal IReadOnlyList<BidsEntry> Attributes { get; init; } = [];

    /// <summary>Columns of outcomes.csv.</summary>
    internal IReadOnlyList<BidsEntry> Outcomes { get; init; } = [];

    /// <summary>What was not taken, and why; for the reader alone.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Of one that was proposed: columns whose values are not all numbers, nor all levels, of which a person must say what they are.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Reads one that a person may have changed; null when it has faults.</summary>
    public static BidsMapping? Read(string text, string name, FaultList<Fault> faults)
    {
        var before = faults.Total;
        var root = YamlDocument.Parse(text, out var fault);
        if (fault is not null)
            faults.Add(new Fault(name, fault.Line, fault.Column, fault.Message));
        else if (root is not YamlNode.Mapping)
            faults.Add(new Fault(name, 1, 1, "expected one mapping: maps, visit, attributes, outcomes"));
        if (root is not YamlNode.Mapping mapping)
            return null;
        string? maps = null, visit = null;
        List<BidsEntry> attributes = [], outcomes = [];
        foreach (var (key, value) in mapping.Members.Values)
        {
            switch (key.Text)
            {
                case "maps":
                    maps = Text(value);
                    break;
                case "visit":
                    visit = Text(value);
                    break;
                case "attributes":
                    attributes = Entries(value);
                    break;
                case "outcomes":
                    outcomes = Entries(value);
                    break;
                default:
                    Add(key, "unknown key, expected maps, visit, attributes or outcomes");
                    break;
            }
        }

        if (maps is null && faults.Total == before)
            Add(mapping, $"maps is missing: the pattern of the volumes' paths, with {BidsMaps.Subject} and {BidsMaps.Session}");
        return faults.Total > before ? null : new BidsMapping { Maps = maps, Visit = visit ?? OneVisit, Attributes = attributes, Outcomes = outcomes };

        void Add(YamlNode at, string message) => faults.Add(new Fault(name, at.Line, at.Column, message));

        string? Text(YamlNode node)
        {
            if (node is YamlNode.Scalar { Text: { Length: > 0 } text })
                return text;
            Add(node, "expected a text");
            return null;
        }

        List<BidsEntry> Entries(YamlNode node)
        {
            var entries = new List<BidsEntry>();
            if (node is YamlNode.Scalar { Text: "" })
                return entries;
            if (node is not YamlNode.Mapping of)
            {
                Add(node, "expected a mapping from names to columns, like age: participants.tsv#age");
                return entries;
            }

            foreach (var (key, value) in of.Members.Values)
            {
                if (BidsEntry.IsReserved(key.Text))
                    Add(key, "the data view has a column of this name of its own: choose another");
                else if (value is not YamlNode.Scalar { Text: var text } || BidsColumn.Parse(text) is not { } column)
                    Add(value, "expected a column, like participants.tsv#age");
                else
                    entries.Add(new BidsEntry(key.Text, column) { Line = value.Line, Place = value.Column });
            }

            return entries;
        }
    }

    public string Write()
    {
        var text = new StringBuilder();
        text.Append("# Which columns and volumes of a BIDS data set this data view is made of, each as TABLE#COLUMN.\n");
        text.Append("# Change it, and make the view again: lazaret site import-bids DIR --out VIEW --mapping FILE\n");
        text.Append($"# {BidsMaps.Subject} and {BidsMaps.Session} stand for sub-… and ses-…, * for any text.\n");
        foreach (var note in Notes)
            text.Append($"# {PlainText.Line(note)}\n");
        text.Append(Maps is null ? "maps:\n" : $"maps: {Quote(Maps)}\n");
        if (Maps?.Contains(BidsMaps.Session, StringComparison.Ordinal) != true)
            text.Append($"visit: {Quote(Visit)}\n");
        Append("attributes", Attributes);
        Append("outcomes", Outcomes);
        return text.ToString();

        void Append(string name, IReadOnlyList<BidsEntry> entries)
        {
            text.Append($"{name}:\n");
            foreach (var entry in entries)
                text.Append($"  {Quote(entry.Name)}: {Quote($"{entry.Column}")}{(entry.About.Length > 0 ? $"  # {PlainText.Line(entry.About)}" : "")}\n");
        }
    }

    /// <summary>As YAML and JSON both read it.</summary>
    internal static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}

/// <summary>A column of the view, and the data set's that it is.</summary>
/// <param name="Name">In the view.</param>
internal sealed record BidsEntry(string Name, BidsColumn Column)
{
    /// <summary>What its JSON file says of it; for the reader alone.</summary>
    public string About { get; init; } = "";

    /// <summary>Where a mapping that was read has it.</summary>
    public int Line { get; init; }

    public int Place { get; init; }

    public static bool IsReserved(string name) => name is "" or "subject_id" or "visit" or "conn_path";
}
