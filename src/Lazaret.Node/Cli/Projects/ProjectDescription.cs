using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Cli.Projects;

/// <summary>A project as the commands print it.</summary>
internal sealed record ProjectDescription(
    string Key,
    string Title,
    string Purpose,
    string State,
    IReadOnlyList<string> Members,
    IReadOnlyList<string> Tasks,
    IReadOnlyList<string> Scores,
    IReadOnlyList<string> Outcomes,
    IReadOnlyList<string> Masks,
    IReadOnlyList<string> Models,
    int MinimumCohort,
    int Quota,
    DateOnly? Until,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt)
{
    /// <summary>How many jobs count against the quota.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? JobsThisWeek { get; init; }

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="project">The project.</param>
    /// <param name="minimumCohort">The smallest cohort that is answered: the site's where that is larger.</param>
    /// <param name="now">Whether it is open at this instant.</param>
    public static ProjectDescription Of(Project project, int minimumCohort, DateTimeOffset now) => new(
        project.Key,
        project.Title,
        project.Purpose,
        project switch { { ClosedAt: not null } => "closed", _ when project.IsPast(now) => "past", _ => "open" },
        project.Members,
        project.Tasks,
        project.Scores,
        project.Outcomes,
        project.Masks,
        project.Models,
        minimumCohort,
        project.Quota,
        project.Until,
        project.CreatedAt,
        project.ClosedAt);

    public static string ToJson(IEnumerable<ProjectDescription> projects) => JsonSerializer.Serialize(projects, Format);

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>For people, a line each.</summary>
    public IEnumerable<(string Name, string Value)> ToLines() =>
    [
        ("key", Key),
        ("title", Title),
        ("purpose", Purpose),
        ("state", State),
        ("members", string.Join(", ", Members.DefaultIfEmpty("none"))),
        ("tasks", All(Tasks)),
        ("scores", All(Scores)),
        ("outcomes", All(Outcomes)),
        ("masks", All(Masks)),
        ("models", All(Models)),
        ("minimum cohort", MinimumCohort.ToString(CultureInfo.InvariantCulture)),
        ("quota", Quota == 0 ? "any number" : $"{JobsThisWeek} of {Quota} jobs in seven days"),
        ("until", LastDay()),
    ];

    /// <summary>For people.</summary>
    public string LastDay() => Until is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "no end";

    private static string All(IReadOnlyList<string> names) => string.Join(", ", names.DefaultIfEmpty("all"));
}
