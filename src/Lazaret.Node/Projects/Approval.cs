using System.Globalization;

namespace Lazaret.Node.Projects;

/// <summary>What a project that is added allows. A list that is empty allows all there is.</summary>
/// <param name="Key">Its name in commands, headers and the audit; of the form of requesters' names.</param>
/// <param name="Title">What the study is called.</param>
public sealed record Approval(string Key, string Title)
{
    public string Purpose { get; init; } = "";

    /// <summary>Names of programs and persons who may ask.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>Analyses of the cohort.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    public IReadOnlyList<string> Scores { get; init; } = [];

    public IReadOnlyList<string> Outcomes { get; init; } = [];

    /// <summary>Where there are any, a request must name one of them: the whole grid is none.</summary>
    public IReadOnlyList<string> Masks { get; init; } = [];

    /// <summary>Keys of models for diagnoses.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>The smallest cohort that is answered; 0 for the site's own. The site's holds where it is larger.</summary>
    public int MinimumCohort { get; init; }

    /// <summary>How many jobs may be admitted within seven days; 0 for any number.</summary>
    public int Quota { get; init; }

    /// <summary>The last day, in UTC; null for no end.</summary>
    public DateOnly? Until { get; init; }

    private const int MaxTitle = 200;
    private const int MaxPurpose = 2000;
    private const int MaxList = 500;
    private const int MaxName = 256;
    private const int MaxNumber = 1_000_000;

    /// <summary>Names as people write them: with commas between.</summary>
    internal static string[] NamesOf(string? text) => (text ?? "").Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A last day as people write it; null for no end.</summary>
    internal static DateOnly? DayOf(string? text, List<InputFault> faults)
    {
        if (text is null)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        faults.Add(new InputFault("until", $"'{text}' is no day like 2027-12-31"));
        return null;
    }

    /// <summary>What is wrong with a list of names by itself; null when nothing is.</summary>
    internal static InputFault? FaultOf(string option, IReadOnlyList<string> names) => names.Count > MaxList || names.Any(name => name.Length > MaxName || name.Any(char.IsControl))
        ? new InputFault(option, $"takes at most {MaxList} names of at most {MaxName} characters")
        : null;

    /// <summary>What is wrong with it by itself, as the command's options name it.</summary>
    internal IEnumerable<InputFault> Faults(DateOnly today)
    {
        if (string.IsNullOrWhiteSpace(Title) || Title.Length > MaxTitle || Title.Any(char.IsControl))
            yield return new InputFault("title", $"must be one line of 1 to {MaxTitle} characters");
        if (Purpose.Length > MaxPurpose || Purpose.Any(char.IsControl))
            yield return new InputFault("purpose", $"must be one line of at most {MaxPurpose} characters");
        foreach (var (option, names) in new[]
        {
            ("members", Members), ("tasks", Tasks), ("scores", Scores), ("outcomes", Outcomes), ("masks", Masks), ("models", Models),
        })
        {
            if (FaultOf(option, names) is { } fault)
                yield return fault;
        }

        if (MinimumCohort is < 0 or > MaxNumber)
            yield return new InputFault("minimum-cohort", $"must be at most {MaxNumber}");
        if (Quota is < 0 or > MaxNumber)
            yield return new InputFault("quota", $"must be 0 to {MaxNumber} jobs a week");
        if (Until < today)
            yield return new InputFault("until", $"{Until.Value.ToString("O", CultureInfo.InvariantCulture)} is over");
    }
}
