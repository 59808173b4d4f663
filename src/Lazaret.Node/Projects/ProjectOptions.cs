namespace Lazaret.Node.Projects;

/// <summary>Whether what is asked must be part of a study that the site approved.</summary>
public sealed record ProjectOptions
{
    /// <summary>Whether every job must belong to a project; otherwise who is a member of none may ask without one. false.</summary>
    public bool Required { get; init; }
}
