using Lazaret.Cohort.Faults;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;

namespace Lazaret.Node.Projects;

/// <summary>Why a request may not be made, or not in this project.</summary>
/// <param name="Why">In a word, for the audit.</param>
/// <param name="Project">The project that was named or chosen, if there is one of that key: for the audit alone.</param>
/// <param name="Faults">What is in the way, in words for the requester.</param>
internal sealed record ProjectRefusal(string Why, string? Project, IReadOnlyList<RequestFault> Faults)
{
    private const string Unclear = "several_projects";

    /// <summary>One answer for a project that does not exist and for somebody else's: nobody learns which keys exist.</summary>
    public static ProjectRefusal NotYours(Project? named) => new(
        named is null ? "no_such_project" : "not_a_member", named?.Key, [new RequestFault(ProjectHeader.Name, "names no project that you are a member of")]);

    public static ProjectRefusal Over(Project project) => new(
        project.ClosedAt is null ? "project_past" : "project_closed",
        project.Key,
        [new RequestFault(ProjectHeader.Name, project.ClosedAt is { } closed ? $"project {project.Key} was closed on {closed.UtcDateTime:yyyy-MM-dd}" : $"project {project.Key} ended on {project.Until:yyyy-MM-dd}")]);

    /// <summary>Every project of theirs is over. That opens nothing: they may not ask without a project instead.</summary>
    public static ProjectRefusal AllOver(IReadOnlyList<Project> projects) => projects is [var only]
        ? Over(only)
        : new("project_closed", null, [new RequestFault(ProjectHeader.Name, $"each project of yours is closed or past its end: {string.Join(", ", projects.Select(project => project.Key))}")]);

    /// <summary>Nor does it open anything that they were taken out of every project.</summary>
    public static ProjectRefusal Left() => new("left_project", null, [new RequestFault(ProjectHeader.Name, "you were taken out of a project and are a member of none, and may not ask without one instead")]);

    public static ProjectRefusal Revoked() => new("revoked", null, [new RequestFault("Authorization", "was revoked while the request came in")]);

    public static ProjectRefusal NoProject() => new(
        "no_project", null, [new RequestFault(ProjectHeader.Name, "this site answers only within a project that it approved, and you named none and are a member of none")]);

    public static ProjectRefusal Several(IEnumerable<string> keys) => new(
        Unclear, null, [new RequestFault(ProjectHeader.Name, "is missing: you are a member of several projects, so this header must name one", [.. keys])]);

    public static ProjectRefusal Terms(Project project, IReadOnlyList<RequestFault> faults) => new("not_allowed", project.Key, faults);

    /// <summary>Whether it is in the way only that the request names none of several projects.</summary>
    public bool IsUnnamed => Why == Unclear;

    public int Status => Why == Unclear ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status403Forbidden;

    /// <summary>A line each, with what would be allowed.</summary>
    public IEnumerable<string> Lines => Faults.Select(fault => fault.Allowed is { } allowed ? $"{fault}; it may be {string.Join(", ", allowed.Take(50))}" : $"{fault}");

    public InvalidRequest ToProblem()
    {
        var faults = new FaultList<RequestFault>();
        faults.AddRange(Faults);
        var problem = Problems.Invalid(faults, Status);
        if (Status == StatusCodes.Status403Forbidden)
            (problem.Type, problem.Title) = (Problems.TypeOf("forbidden"), Why == "not_allowed" ? "Not in this project" : "Not in a project");
        return problem;
    }

    public AuditDetail ToAudit()
    {
        var detail = new AuditDetail { ["why"] = Why, ["faults"] = Faults.Select(fault => fault.AuditName).ToArray() };
        if (Project is not null)
            detail["project"] = Project;
        return detail;
    }
}
