using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;

namespace Lazaret.Node.Projects;

/// <summary>
/// Chooses the project of a request. It is asked before a request's body is read, so that whoever may not ask is told nothing about the body; and again where a form names the project.
/// </summary>
internal sealed class ProjectGate(ProjectDirectory directory, RequesterDirectory requesters, ProjectOptions options, TimeProvider time)
{
    /// <summary>The project that the request names, or the only open one of its requester.</summary>
    public Task<ProjectChoice> ChooseAsync(HttpRequest request, Requester requester, CancellationToken cancellationToken) => ChooseAsync(ProjectHeader.Of(request), requester, cancellationToken);

    /// <param name="key">The project's key; null where the request names none.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="cancellationToken">Ends the choosing.</param>
    public async Task<ProjectChoice> ChooseAsync(string? key, Requester requester, CancellationToken cancellationToken)
    {
        var projects = await directory.AllAsync(cancellationToken);
        var now = time.GetUtcNow();
        // Without an authentication mode there are no members.
        var isLocal = requester.Name == Requester.Local.Name;
        if (key is not null)
        {
            var named = projects.GetValueOrDefault(key);
            if (named is null || !(isLocal || named.HasMember(requester.Name)))
                return new ProjectChoice.Refused(ProjectRefusal.NotYours(named));
            return named.IsOpen(now) ? new ProjectChoice.Chosen(named) : new ProjectChoice.Refused(ProjectRefusal.Over(named));
        }

        var mine = isLocal ? [] : projects.Values.Where(project => project.HasMember(requester.Name)).OrderBy(project => project.Key, StringComparer.Ordinal).ToList();
        return mine.FindAll(project => project.IsOpen(now)) switch
        {
            [var only] => new ProjectChoice.Chosen(only),
            [_, _, ..] open => new ProjectChoice.Refused(ProjectRefusal.Several(open.Select(project => project.Key))),
            [] when mine.Count > 0 => new ProjectChoice.Refused(ProjectRefusal.AllOver(mine)),
            [] when !isLocal && projects.Values.Any(project => project.HadMember(requester.Name)) => new ProjectChoice.Refused(ProjectRefusal.Left()),
            [] => options.Required ? new ProjectChoice.Refused(ProjectRefusal.NoProject()) : new ProjectChoice.Chosen(null),
        };
    }

    /// <summary>Why whatever this requester asks would be refused, for a project or without one; null where something could be asked.</summary>
    public async Task<ProjectRefusal?> FindRefusalAsync(Requester requester, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if ((await directory.AllAsync(cancellationToken)).Values.Any(project => project.IsOpen(now) && project.HasMember(requester.Name)))
            return null;
        return await ChooseAsync((string?)null, requester, cancellationToken) is ProjectChoice.Refused { Refusal: var refusal } ? refusal : null;
    }

    /// <summary>
    /// Why a request that began rightly may no longer be admitted: a body may take a minute to arrive, and meanwhile its requester can be revoked, or its project be
    /// closed. Null when it may.
    /// </summary>
    public async Task<ProjectRefusal?> FindChangeAsync(Requester requester, Project? project, CancellationToken cancellationToken)
    {
        if (await requesters.IsRevokedAsync(requester.Name, cancellationToken))
            return ProjectRefusal.Revoked();
        if (project is null || (await directory.AllAsync(cancellationToken)).GetValueOrDefault(project.Key) is not { } now)
            return null;
        if (!now.IsOpen(time.GetUtcNow()))
            return ProjectRefusal.Over(now);
        return requester.Name == Requester.Local.Name || now.HasMember(requester.Name) ? null : ProjectRefusal.NotYours(now);
    }

    /// <summary>The project of a request whose address names its model.</summary>
    public async Task<ProjectChoice> ChooseAsync(HttpRequest request, string model, Requester requester, CancellationToken cancellationToken)
    {
        var choice = await ChooseAsync(request, requester, cancellationToken);
        return choice is ProjectChoice.Chosen { Project: { } project } && project.FindRefusals("model", model) is { Count: > 0 } refusals
            ? new ProjectChoice.Refused(ProjectRefusal.Terms(project, refusals))
            : choice;
    }
}
