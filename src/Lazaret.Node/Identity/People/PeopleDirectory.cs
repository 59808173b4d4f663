using Lazaret.Node.Audit;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People;

/// <summary>The persons with an account of this node's, as the operator keeps them.</summary>
internal sealed class PeopleDirectory(IDbContextFactory<LazaretDb> databases, RequesterDirectory requesters, TimeProvider time)
{
    /// <summary>Adds a person, or takes away by what a person signs in; either way they set it up anew, by the link.</summary>
    /// <param name="role">Null keeps that of a person who is there.</param>
    /// <returns>The link's secret, which nothing keeps.</returns>
    /// <exception cref="InputException">The name cannot be taken, or a new person has no role.</exception>
    public Task<string> AddAsync(string name, Roles? role, string actor, CancellationToken cancellationToken) => LinkAsync(name, role, isNew: false, actor, cancellationToken);

    /// <summary>Adds a person, and no one who is there already: nobody loses by what they sign in through a name that was given twice.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public Task<string> AddNewAsync(string name, Roles role, string actor, CancellationToken cancellationToken) => LinkAsync(name, role, isNew: true, actor, cancellationToken);

    private async Task<string> LinkAsync(string name, Roles? role, bool isNew, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginAloneAsync(RequesterDirectory.Names, cancellationToken);
        var now = time.GetUtcNow();
        var (person, requester) = !isNew && await FindAsync(db, name, cancellationToken) is { } there ? there : (null, null);
        if (person is null || requester is null)
        {
            // Whether the name can be taken at all is said first.
            requester = await RequesterDirectory.RegisterAsync(db, name, role ?? Roles.None, now, cancellationToken);
            if (role is null)
                throw new InputException($"'{name}' is new: give a role with --role: {string.Join(", ", RoleNames.All)}");
            if (await db.People.SingleOrDefaultAsync(p => p.NormalizedUserName == Person.Normalize(name), cancellationToken) is { UserName: var other })
                throw new InputException($"'{name}': there is '{other}' already, and people would take one for the other");
            person = Person.Of(requester);
            db.People.Add(person);
            db.Audit.Add(AuditEntry.Of(AuditAction.PersonAdded, now, actor, new() { ["person"] = name, ["role"] = requester.Role }));
        }
        else
        {
            requester.Become(role ?? requester.Role);
            await EndAsync(db, requester, cancellationToken);
            await db.Passkeys.Where(p => p.UserId == person.Id).ExecuteDeleteAsync(cancellationToken);
            await db.AuthenticatorKeys.Where(k => k.PersonId == person.Id).ExecuteDeleteAsync(cancellationToken);
            person.Reset();
            db.Audit.Add(AuditEntry.Of(AuditAction.PersonReset, now, actor, new() { ["person"] = name, ["role"] = requester.Role }));
        }

        var (link, secret) = SetupLink.Make(person, now);
        db.SetupLinks.Add(link);
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return secret;
    }

    /// <summary>Ends a person's access; their name stays taken.</summary>
    /// <exception cref="InputException">There is no such person.</exception>
    public async Task RevokeAsync(string name, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, name, cancellationToken) is not var (_, requester))
            throw new InputException($"'{name}': there is no such person; 'lazaret people list' shows them");
        // From here on no session of theirs counts, and no new one can begin.
        await requesters.RevokeAsync(name, actor, cancellationToken);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        await EndAsync(db, requester, cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    /// <summary>Ends somebody's sessions. They can sign in again, where a provider vouches for them as long as it does so.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndSessionsAsync(string name, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var ended = await db.Sessions.Where(s => s.Requester == name).ExecuteDeleteAsync(cancellationToken);
        if (ended > 0)
            db.Audit.Add(AuditEntry.Of(AuditAction.SignedOut, time.GetUtcNow(), actor, new() { ["person"] = name, ["sessions"] = ended }));
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return ended;
    }

    /// <summary>Every person with an account, by name.</summary>
    public async Task<IReadOnlyList<Account>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var (passkeys, links, sessions) = (db.Passkeys, db.SetupLinks, db.Sessions);
        return await db.People.Join(db.Requesters, p => p.Id, r => r.Id, (person, requester) => new { person, requester }).OrderBy(both => both.requester.Name)
            .Select(both => new Account(
                both.requester.Name,
                both.requester.Role,
                both.requester.RevokedAt,
                passkeys.Count(p => p.UserId == both.person.Id),
                both.person.PasswordHash != null,
                links.Where(l => l.PersonId == both.person.Id && l.UsedAt == null && l.ExpiresAt > now).Max(l => (DateTimeOffset?)l.ExpiresAt),
                // None of those of somebody who was revoked counts, however that was done.
                both.requester.RevokedAt != null ? 0 : sessions.Count(s => s.Requester == both.requester.Name)))
            .ToListAsync(cancellationToken);
    }

    private static async Task<(Person Person, RegisteredRequester Requester)?> FindAsync(LazaretDb db, string name, CancellationToken cancellationToken) =>
        await db.Requesters.Where(r => r.Name == name && r.RevokedAt == null).Join(db.People, r => r.Id, p => p.Id, (requester, person) => new { person, requester }).ForUpdate()
            .SingleOrDefaultAsync(cancellationToken) is { } found ? (found.person, found.requester) : null;

    private static async Task EndAsync(LazaretDb db, RegisteredRequester requester, CancellationToken cancellationToken)
    {
        await db.Sessions.Where(s => s.Requester == requester.Name).ExecuteDeleteAsync(cancellationToken);
        await db.SetupLinks.Where(l => l.PersonId == requester.Id).ExecuteDeleteAsync(cancellationToken);
    }
}
