using System.Collections.Frozen;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Projects;

/// <summary>The approved projects.</summary>
public sealed class ProjectDirectory(IDbContextFactory<LazaretDb> databases, AuthOptions auth, TimeProvider time)
{
    // Who gives a key away waits for whoever does the same.
    private const long Keys = 0x70726F6A656374;

    /// <summary>What was read is believed for so long: a change takes effect within a second on every process.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private Reading? _latest;

    /// <param name="approval">What the site approved.</param>
    /// <param name="found">What the caller has found wrong with it, to be told with the rest.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InputException">The key is taken or has not its form, a member is unknown, or the approval has another fault.</exception>
    public async Task AddAsync(Approval approval, IReadOnlyList<InputFault> found, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var faults = approval.Faults(DateOnly.FromDateTime(now.UtcDateTime)).Concat(found).ToList();
        if (!RequesterDirectory.HasNameForm(approval.Key))
            faults.Insert(0, new InputFault("", approval.Key.Length == 0 ? "a project needs a key: enter one" : $"'{approval.Key}': a key has 1 to 64 letters, digits, '.', '-' or '_', and begins with a letter or digit"));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginAloneAsync(Keys, cancellationToken);
        faults.AddRange(await FindUnknownAsync(db, "members", approval.Members, cancellationToken));
        if (faults.Count > 0)
            throw new InputException(faults);
        if (await db.Projects.AnyAsync(project => project.Key == approval.Key, cancellationToken))
            throw new InputException($"'{approval.Key}' is a project already; jobs and audit entries keep the key of a closed one, so choose another one");
        var added = Project.Of(approval, now);
        db.Projects.Add(added);
        db.Audit.Add(AuditEntry.Of(AuditAction.ProjectAdded, now, actor, new()
        {
            ["project"] = added.Key,
            ["title"] = added.Title,
            ["purpose"] = added.Purpose,
            ["members"] = added.Members,
            ["tasks"] = added.Tasks,
            ["scores"] = added.Scores,
            ["outcomes"] = added.Outcomes,
            ["masks"] = added.Masks,
            ["models"] = added.Models,
            ["minimum_cohort"] = added.MinimumCohort,
            ["quota"] = added.Quota,
            ["until"] = added.Until,
        }));
        await SaveAsync(db, writing, cancellationToken);
    }

    /// <summary>Ends a project. Its jobs that were admitted still run.</summary>
    /// <exception cref="InputException">There is no such project, or it is closed.</exception>
    public async Task CloseAsync(string key, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var project = await LockAsync(db, key, cancellationToken);
        var now = time.GetUtcNow();
        project.Close(now);
        db.Audit.Add(AuditEntry.Of(AuditAction.ProjectClosed, now, actor, new() { ["project"] = key }));
        await SaveAsync(db, writing, cancellationToken);
    }

    /// <summary>Adds and removes members.</summary>
    /// <returns>The members as they then are.</returns>
    /// <exception cref="InputException">There is no such project, it is closed, an added requester is unknown, a removed one is no member, or a name is both.</exception>
    public async Task<IReadOnlyList<string>> ChangeMembersAsync(string key, IReadOnlyList<string> added, IReadOnlyList<string> removed, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var project = await LockAsync(db, key, cancellationToken);
        var faults = await FindUnknownAsync(db, "add", added, cancellationToken);
        if (Approval.FaultOf("add", [.. project.Members, .. added]) is { } fault)
            faults.Add(fault);
        faults.AddRange(added.Intersect(removed, StringComparer.Ordinal).Select(name => new InputFault("", $"'{name}' is named by --add and by --remove")));
        faults.AddRange(removed.Except(added, StringComparer.Ordinal).Where(name => !project.HasMember(name)).Select(name => new InputFault("remove", $"'{name}' is no member of {key}")));
        if (faults.Count > 0)
            throw new InputException(faults);
        project.ChangeMembers(added, removed);
        db.Audit.Add(AuditEntry.Of(AuditAction.ProjectMembersChanged, time.GetUtcNow(), actor, new() { ["project"] = key, ["added"] = added, ["removed"] = removed }));
        await SaveAsync(db, writing, cancellationToken);
        return project.Members;
    }

    /// <summary>Every project by its key, the closed ones too, as they were a moment ago.</summary>
    public async Task<IReadOnlyDictionary<string, Project>> AllAsync(CancellationToken cancellationToken)
    {
        if (_latest is { } latest && time.GetElapsedTime(latest.At) < Fresh)
            return latest.Projects;
        var at = time.GetTimestamp();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var read = new Reading((await db.Projects.AsNoTracking().ToListAsync(cancellationToken)).ToFrozenDictionary(project => project.Key, StringComparer.Ordinal), at);
        _latest = read;
        return read.Projects;
    }

    /// <summary>A project as it now is; null when there is none.</summary>
    public async Task<Project?> FindAsync(string key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Projects.AsNoTracking().SingleOrDefaultAsync(project => project.Key == key, cancellationToken);
    }

    private async Task SaveAsync(LazaretDb db, Writing writing, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        _latest = null;
    }

    // The lock makes two commands at once change the members one after the other.
    private static async Task<Project> LockAsync(LazaretDb db, string key, CancellationToken cancellationToken)
    {
        var project = await db.Projects.Where(project => project.Key == key).ForUpdate().SingleOrDefaultAsync(cancellationToken) ?? throw Unknown(key);
        return project.ClosedAt is null ? project : throw new InputException($"'{key}' was closed on {project.ClosedAt.Value.UtcDateTime:yyyy-MM-dd}");
    }

    internal static InputException Unknown(string key) => new($"'{key}': there is no such project; 'lazaret projects list' shows them");

    // Names with a slash are those of other issuers: the node knows the issuers, and has no list of their people.
    private async Task<List<InputFault>> FindUnknownAsync(LazaretDb db, string option, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var own = names.Where(name => !name.Contains('/', StringComparison.Ordinal)).ToList();
        var known = await db.Requesters.Where(requester => own.Contains(requester.Name) && requester.RevokedAt == null).Select(requester => requester.Name).ToListAsync(cancellationToken);
        return
        [
            .. own.Except(known, StringComparer.Ordinal).Select(name => new InputFault(option, $"'{name}' is no registered program or person; the console's page People, 'lazaret requesters list' and 'lazaret people list' show the names")),
            .. names.Except(own, StringComparer.Ordinal).Where(name => !auth.Issuers.Any(issuer => name.StartsWith($"{issuer.Name}/", StringComparison.Ordinal) && name.Length > issuer.Name.Length + 1))
                .Select(name => new InputFault(option, $"'{name}' is of no issuer that Lazaret:Auth names: write ISSUER/SUBJECT; {(auth.Issuers.Any() ? $"ISSUER may be {string.Join(", ", auth.Issuers.Select(issuer => issuer.Name))}" : "there are none")}")),
        ];
    }

    private sealed record Reading(IReadOnlyDictionary<string, Project> Projects, long At);
}
