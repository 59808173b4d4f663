using Lazaret.Node.Http;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Projects;

/// <summary>
/// A study that the site approved: who may ask, what, and until when. What it allows never changes, only its members do; the row stays once it is
/// closed, since jobs and audit entries carry its key.
/// </summary>
public sealed class Project
{
    // For EF Core, which fills the properties.
    private Project()
    {
    }

    public string Key { get; private init; } = "";

    public string Title { get; private init; } = "";

    public string Purpose { get; private init; } = "";

    public List<string> Members { get; private set; } = [];

    /// <summary>Who was ever taken out. It only grows, and may hold members who were added again.</summary>
    public List<string> Former { get; private set; } = [];

    /// <inheritdoc cref="Approval.Tasks"/>
    public List<string> Tasks { get; private init; } = [];

    public List<string> Scores { get; private init; } = [];

    public List<string> Outcomes { get; private init; } = [];

    /// <inheritdoc cref="Approval.Masks"/>
    public List<string> Masks { get; private init; } = [];

    /// <inheritdoc cref="Approval.Models"/>
    public List<string> Models { get; private init; } = [];

    /// <inheritdoc cref="Approval.MinimumCohort"/>
    public int MinimumCohort { get; private init; }

    /// <inheritdoc cref="Approval.Quota"/>
    public int Quota { get; private init; }

    /// <inheritdoc cref="Approval.Until"/>
    public DateOnly? Until { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public static Project Of(Approval approval, DateTimeOffset now) => new()
    {
        Key = approval.Key,
        Title = approval.Title,
        Purpose = approval.Purpose,
        Members = [.. approval.Members.Distinct(StringComparer.Ordinal)],
        Tasks = [.. approval.Tasks],
        Scores = [.. approval.Scores],
        Outcomes = [.. approval.Outcomes],
        Masks = [.. approval.Masks],
        Models = [.. approval.Models],
        MinimumCohort = approval.MinimumCohort,
        Quota = approval.Quota,
        Until = approval.Until,
        CreatedAt = now,
    };

    /// <summary>Whether its last day is over.</summary>
    public bool IsPast(DateTimeOffset now) => Until < DateOnly.FromDateTime(now.UtcDateTime);

    public bool IsOpen(DateTimeOffset now) => ClosedAt is null && !IsPast(now);

    public bool HasMember(string name) => Members.Contains(name, StringComparer.Ordinal);

    public void Close(DateTimeOffset now) => ClosedAt ??= now;

    public bool HadMember(string name) => Former.Contains(name, StringComparer.Ordinal);

    public void ChangeMembers(IReadOnlyList<string> added, IReadOnlyList<string> removed)
    {
        Members = [.. Members.Concat(added).Except(removed, StringComparer.Ordinal).Distinct(StringComparer.Ordinal)];
        Former = [.. Former.Union(removed, StringComparer.Ordinal)];
    }

    /// <summary>Each part of a question to the cohort that it does not allow. What was not named is judged elsewhere, but for the mask.</summary>
    /// <param name="usualScore">The score that is meant where none is named; null for a question without one.</param>
    /// <param name="beside">The outcomes among the covariates: an answer tells of them, too.</param>
    internal IReadOnlyList<RequestFault> FindRefusals(string task, string? score, string? usualScore, string? outcome, string? mask, IEnumerable<string> beside) =>
    [
        .. Refusals("task", Tasks, task),
        .. score is not null ? Refusals("score", Scores, score)
            : usualScore is null || Allows(Scores, usualScore) ? []
            : [new RequestFault("score", $"is missing, and {usualScore}, which is then meant, is not what project {Key} allows", Scores)],
        .. outcome is null ? [] : Refusals("outcome", Outcomes, outcome),
        // What has no score has no mask either.
        .. score is null && usualScore is null && Masks.Count > 0 ? [new RequestFault("task", $"takes no mask, and project {Key} allows no question without one")] : Refusals("mask", Masks, mask),
        .. beside.Where(name => !Allows(Outcomes, name)).Select(name => new RequestFault("covariates", $"{name} is an outcome that project {Key} does not allow")),
    ];

    /// <summary>Whether it does not allow a model.</summary>
    /// <param name="field">How the request names the model.</param>
    /// <param name="model">Its key.</param>
    internal IReadOnlyList<RequestFault> FindRefusals(string field, string model) => Refusals(field, Models, model);

    private RequestFault[] Refusals(string field, List<string> allowed, string? value) => Allows(allowed, value)
        ? []
        : [new RequestFault(field, value is null ? $"is missing: project {Key} allows no question without one" : $"is not what project {Key} allows", allowed)];

    /// <summary>Whether a list of names holds this one. An empty list holds all.</summary>
    public static bool Allows(IReadOnlyCollection<string> allowed, string? value) => allowed.Count == 0 || (value is not null && allowed.Contains(value, StringComparer.Ordinal));

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Project>
    {
        public void Configure(EntityTypeBuilder<Project> project)
        {
            project.ToTable("Projects");
            project.HasKey(p => p.Key);
        }
    }
}

/// <summary>The table.</summary>
internal static class ProjectsTable
{
    extension(LazaretDb db)
    {
        public DbSet<Project> Projects => db.Set<Project>();
    }
}
