using Lazaret.Node.Identity;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>A part of the console: an entry of its navigation, for whoever may open it.</summary>
/// <param name="Path">Below <c>/console</c>.</param>
/// <param name="Name">Its name in the navigation.</param>
/// <param name="Roles">Who may open it; <see cref="AccessTable"/> holds them to it.</param>
public sealed record Chapter(string Path, string Name, Roles Roles)
{
    public static readonly Chapter Home = new("/console", "Home", Roles.All);
    public static readonly Chapter Jobs = new("/console/jobs", "Jobs", Roles.All);
    public static readonly Chapter Ask = new("/console/ask", "Ask", Roles.Requester);
    public static readonly Chapter Reviews = new("/console/reviews", "Reviews", Roles.Steward);
    public static readonly Chapter Data = new("/console/data", "Data", Roles.All);
    public static readonly Chapter Registry = new("/console/models", "Models", Roles.All);
    public static readonly Chapter Ledger = new("/console/ledger", "Ledger and audit", Roles.Steward | Roles.Auditor);
    public static readonly Chapter People = new("/console/people", "People and projects", Roles.Steward | Roles.Auditor | Roles.Operator);

    /// <summary>In the order of the navigation.</summary>
    public static readonly IReadOnlyList<Chapter> All = [Home, Jobs, Ask, Reviews, Data, Registry, Ledger, People];
}
