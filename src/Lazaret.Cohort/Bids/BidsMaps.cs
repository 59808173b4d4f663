using System.IO.Enumeration;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lazaret.Cohort.Files;

namespace Lazaret.Cohort.Bids;

/// <summary>The volumes of a data set's derivatives, and the patterns by which their paths follow subject and session.</summary>
internal sealed partial class BidsMaps
{
    public const string Subject = "{subject}";
    public const string Session = "{session}";

    public const int MostFiles = 1 << 20;

    private const int Deepest = 12;

    private const int MaxDescription = 1 << 20;

    private BidsMaps(IReadOnlyList<BidsMap> volumes, bool isCut) => (Volumes, IsCut) = (volumes, isCut);

    public IReadOnlyList<BidsMap> Volumes { get; }

    /// <summary>Whether there are more files below derivatives/ than are looked at.</summary>
    public bool IsCut { get; }

    /// <summary>Each pattern that volumes follow, with how many subjects it has; those of the most subjects first.</summary>
    public IReadOnlyList<(string Pattern, int Subjects)> Patterns =>
    [
        .. Volumes.GroupBy(map => map.Pattern, StringComparer.Ordinal).Select(maps => (maps.Key, maps.Select(map => map.Subject).Distinct(StringComparer.Ordinal).Count()))
            .OrderByDescending(pattern => pattern.Item2).ThenBy(pattern => pattern.Key, StringComparer.Ordinal),
    ];

    public static BidsMaps Find(string folder, int most = MostFiles)
    {
        // A data set that is a derivative itself has its subjects at the root.
        IEnumerable<string> roots = IsDerivative(folder) ? Directory.EnumerateDirectories(folder, "sub-*") : [];
        roots = roots.Append(Path.Combine(folder, "derivatives")).Where(Directory.Exists);
        // Links are followed, as git-annex makes them of every file; how deep is bounded, since folders may be links too.
        var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Deepest, AttributesToSkip = 0, IgnoreInaccessible = true };
        var (volumes, seen) = (new List<BidsMap>(), 0);
        foreach (var file in roots.SelectMany(root => Directory.EnumerateFiles(root, "*", all)))
        {
            if (++seen > most)
                break;
            if (IsVolume(file) && Read(Path.GetRelativePath(folder, file)) is { } map)
                volumes.Add(map);
        }

        return new BidsMaps([.. volumes.OrderBy(map => map.Path, StringComparer.Ordinal)], isCut: seen > most);
    }

    /// <summary>The volumes of a pattern, in which <c>*</c> stands for any text.</summary>
    public IEnumerable<BidsMap> Matching(string pattern) => Volumes.Where(map => FileSystemName.MatchesSimpleExpression(pattern, map.Pattern, ignoreCase: false));

    private static bool IsDerivative(string folder)
    {
        try
        {
            // A mark of the byte order may stand before it.
            if (Utf8Text.Decode(RegularFile.ReadAllBytes(Path.Combine(folder, "dataset_description.json"), MaxDescription), out _) is not { } text)
                return false;
            using var description = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 });
            return description.RootElement.ValueKind == JsonValueKind.Object && description.RootElement.TryGetProperty("DatasetType", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("derivative");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

    private static bool IsVolume(string file) => file.EndsWith(".nii.gz", StringComparison.Ordinal) || file.EndsWith(".nii", StringComparison.Ordinal);

    /// <summary>Null for a volume that is of no subject, or of several.</summary>
    private static BidsMap? Read(string path)
    {
        string[] subjects = [.. SubjectForm().Matches(path).Select(match => match.Value).Distinct(StringComparer.Ordinal)];
        string[] sessions = [.. SessionForm().Matches(path).Select(match => match.Value).Distinct(StringComparer.Ordinal)];
        if (subjects is not [var subject] || sessions.Length > 1)
            return null;
        var pattern = SessionForm().Replace(SubjectForm().Replace(path, Subject), Session);
        return new BidsMap(path, subject, sessions is [var session] ? session : "", pattern);
    }

    // As BIDS has it, the label ends where the name's part does.
    [GeneratedRegex("(?<=[/_]|^)sub-[A-Za-z0-9]+(?=[/_.])", RegexOptions.None, 1000)]
    private static partial Regex SubjectForm();

    [GeneratedRegex("(?<=[/_]|^)ses-[A-Za-z0-9]+(?=[/_.])", RegexOptions.None, 1000)]
    private static partial Regex SessionForm();
}

/// <param name="Path">Relative to the data set.</param>
/// <param name="Session">Empty where there is none.</param>
/// <param name="Pattern">The path with <see cref="BidsMaps.Subject"/> and <see cref="BidsMaps.Session"/> in place of theirs.</param>
internal sealed record BidsMap(string Path, string Subject, string Session, string Pattern);
