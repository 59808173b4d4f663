using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Bids;

/// <summary>A data set in BIDS' layout, as far as a data view is made of it: tables with what their JSON files say, and volumes of derivatives.</summary>
public sealed class BidsDataset
{
    internal const string ParticipantsTable = "participants.tsv";
    internal const string SessionsTable = "sessions.tsv";

    private const string Phenotype = "phenotype";

    private static readonly string[] OtherEndings = [".csv", ".tsv", ".tab", ".txt", ".gz", ".xls", ".xlsx", ".ods", ".sav"];

    private BidsDataset(string folder, IReadOnlyList<BidsTable> tables, IReadOnlyList<string> unread, BidsMaps maps) => (Folder, Tables, Unread, Maps) = (folder, tables, unread, maps);

    public string Folder { get; }

    internal IReadOnlyList<BidsTable> Tables { get; }

    /// <summary>Files of phenotype/ that hold tables, it seems, and not as BIDS has them.</summary>
    internal IReadOnlyList<string> Unread { get; }

    internal BidsMaps Maps { get; }

    /// <summary>Reads what is sound; the rest goes to <paramref name="faults"/>, with paths relative to the data set.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="faults">What is wrong with it.</param>
    /// <param name="view">A view that was made of it before: what its site.yaml says is missing is so here.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Neither.</exception>
    public static BidsDataset Read(string folder, FaultList<Fault> faults, string? view = null)
    {
        folder = Path.GetFullPath(folder);
        // Its faults are told when the view is read.
        IReadOnlyList<string> missing = view is null ? [] : new SiteYaml(new FaultList<Fault>()).ReadFormat(view).Missing;
        var tables = new List<BidsTable> { BidsTable.Read(folder, ParticipantsTable, missing, faults) };
        (string Subject, string File)[] sessions =
        [
            .. Directory.EnumerateDirectories(folder, "sub-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
                .Select(subject => (subject, $"{subject}/{subject}_sessions.tsv")).Where(found => File.Exists(Path.Combine(folder, found.Item2))),
        ];
        if (File.Exists(Path.Combine(folder, SessionsTable)))
            tables.Add(BidsTable.Read(folder, SessionsTable, missing, faults));
        else if (sessions.Length > 0)
            tables.Add(BidsTable.ReadSessions(folder, sessions, missing, faults));
        string[] phenotypes = Directory.Exists(Path.Combine(folder, Phenotype))
            ? [.. Directory.EnumerateFiles(Path.Combine(folder, Phenotype)).Select(path => $"{Phenotype}/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)]
            : [];
        tables.AddRange(phenotypes.Where(IsTable).Select(name => BidsTable.Read(folder, name, missing, faults)));
        return new BidsDataset(folder, tables, [.. phenotypes.Where(name => !IsTable(name) && OtherEndings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))], BidsMaps.Find(folder));

        static bool IsTable(string name) => name.EndsWith(".tsv", StringComparison.Ordinal);
    }

    internal BidsTable? Table(string name) => Tables.FirstOrDefault(table => table.Name == name);
}
