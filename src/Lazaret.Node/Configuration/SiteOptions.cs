namespace Lazaret.Node.Configuration;

/// <summary>The institution.</summary>
public sealed record SiteOptions
{
    /// <summary>The site's name, as requesters see it. Site.</summary>
    public string Name { get; init; } = "Site";
}
