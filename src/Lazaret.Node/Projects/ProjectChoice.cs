namespace Lazaret.Node.Projects;

/// <summary>Which project a request belongs to. The set is closed.</summary>
internal abstract record ProjectChoice
{
    /// <summary>To this one; with null to none, and then no project limits it.</summary>
    public sealed record Chosen(Project? Project) : ProjectChoice;

    public sealed record Refused(ProjectRefusal Refusal) : ProjectChoice;
}
