using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.Registered;

/// <summary>The registered requesters and their credentials.</summary>
public sealed partial class RequesterDirectory(IDbContextFactory<LazaretDb> databases, TimeProvider time)
{
    /// <summary>The number under which those wait for each other who give a name away: <see cref="LazaretDb.BeginAloneAsync"/>.</summary>
    internal const long Names = 0x6E616D6573;

    /// <summary>What was found is believed for so long: a revocation takes effect within a second on every process.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    /// <summary>Names that the node's own entries in the audit carry.</summary>
    private static readonly IReadOnlyList<string> Reserved = [Requester.Local.Name, AuditEntry.Node, AuditEntry.OperatorBegin, AuthenticationAudit.Nobody];

    // Only what was found is kept, so there are no more entries than credentials.
    private readonly ConcurrentDictionary<(CredentialKind Kind, string Lookup), (Proof Proof, long At)> _found = new();

    // By the names of those who were authenticated.
    private readonly ConcurrentDictionary<string, (bool IsRevoked, long At)> _revoked = new(StringComparer.Ordinal);

    /// <summary>Whether a text may be a name: it can be part of a line of text, of a header and of a path without escapes.</summary>
    public static bool HasNameForm(string text) => NameForm().IsMatch(text);

    /// <summary>Why nobody can be registered under this name; null where somebody can.</summary>
    public static string? FaultOfName(string name) => HasNameForm(name) && !Reserved.Contains(name, StringComparer.OrdinalIgnoreCase)
        ? null
        : $"'{name}': a name has 1 to 64 letters, digits, '.', '-' or '_', begins with a letter or digit, and is none of {string.Join(", ", Reserved)}";

    /// <summary>Registers a requester with its first credential.</summary>
    /// <exception cref="InputException">The name cannot be taken, or the credential is another requester's.</exception>
    public async Task AddAsync(string name, Roles role, CredentialKind kind, string lookup, byte[] content, DateTimeOffset? expires, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginAloneAsync(Names, cancellationToken);
        var now = time.GetUtcNow();
        var requester = await RegisterAsync(db, name, role, now, cancellationToken);
        await AddAsync(db, requester, AuditAction.RequesterAdded, Credential.Of(requester, kind, lookup, content, now, expires), actor, cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    /// <summary>Adds a requester to what is to be saved, in a transaction that holds <see cref="Names"/>.</summary>
    /// <exception cref="InputException">The name cannot be taken.</exception>
    internal static async Task<RegisteredRequester> RegisterAsync(LazaretDb db, string name, Roles role, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (FaultOfName(name) is { } fault)
            throw new InputException(fault);
        // Not by the database, each of which compares in a way of its own.
        if ((await db.Requesters.AsNoTracking().ToListAsync(cancellationToken)).Find(r => r.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } taken)
            throw new InputException(taken.RevokedAt is null ? $"'{taken.Name}' is registered already" : $"'{taken.Name}' was revoked; jobs and audit entries keep that name, so choose another one");
        var requester = RegisteredRequester.Of(name, role, now);
        db.Requesters.Add(requester);
        return requester;
    }

    /// <summary>
    /// Adds a credential of a kind that the requester has; those before it stay valid for <paramref name="overlap"/>. Where the one before has an end and no other is
    /// given, the new one lasts as long as that one did.
    /// </summary>
    /// <exception cref="InputException">There is no such requester, it has no credential of that kind, or the credential is another one's.</exception>
    public async Task RotateAsync(string name, CredentialKind kind, string lookup, byte[] content, DateTimeOffset? expires, TimeSpan overlap, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var requester = await FindAsync(db, name, cancellationToken);
        var now = time.GetUtcNow();
        var all = await db.Credentials.Where(c => c.RequesterId == requester.Id && c.RevokedAt == null).ToListAsync(cancellationToken);
        if (!all.Exists(c => c.Kind == kind))
        {
            // Otherwise a client that is limited to its scopes, or a person, would get a key that is limited by nothing.
            throw new InputException(all.Count == 0
                ? $"'{name}' is a person: 'lazaret people add {name}' gives them a new link"
                : $"'{name}' has no {CredentialKinds.WordsOf(kind)} to rotate, but a {CredentialKinds.WordsOf(all[0].Kind)}: give the new one ('lazaret requesters rotate --help')");
        }

        // The newest has its own end still: a rotation shortens those before.
        if (all.Where(c => c.Kind == kind).MaxBy(c => c.CreatedAt) is { ExpiresAt: { } end } last)
            expires ??= now + (end - last.CreatedAt);
        foreach (var older in all.Where(c => c.Kind == kind))
            older.ExpireAt(now + overlap);
        await AddAsync(db, requester, AuditAction.RequesterCredentialAdded, Credential.Of(requester, kind, lookup, content, now, expires), actor, cancellationToken);
    }

    /// <summary>Gives the requester, a client that signs tokens, other public keys: it is found as before, and the keys before prove nothing any more.</summary>
    /// <exception cref="InputException">There is no such requester, or it signs no tokens.</exception>
    public async Task ReplaceKeySetAsync(string name, byte[] content, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var requester = await FindAsync(db, name, cancellationToken);
        var credentials = await db.Credentials.Where(c => c.RequesterId == requester.Id && (c.Kind == CredentialKind.JsonWebKeys || c.Kind == CredentialKind.CdsIssuer) && c.RevokedAt == null).ToListAsync(cancellationToken);
        if (credentials.Count == 0)
            throw new InputException($"'{name}': signs no tokens: there are no public keys to replace");
        foreach (var credential in credentials)
        {
            credential.Replace(content);
            db.Audit.Add(AuditEntry.Of(AuditAction.RequesterCredentialReplaced, time.GetUtcNow(), actor, new() { ["requester"] = name, ["credential"] = credential.Kind }));
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ends a requester and all its credentials.</summary>
    /// <exception cref="InputException">There is no such requester.</exception>
    public async Task RevokeAsync(string name, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var requester = await FindAsync(db, name, cancellationToken);
        var now = time.GetUtcNow();
        requester.Revoke(now);
        foreach (var credential in await db.Credentials.Where(c => c.RequesterId == requester.Id).ToListAsync(cancellationToken))
            credential.Revoke(now);
        db.Audit.Add(AuditEntry.Of(AuditAction.RequesterRevoked, now, actor, new() { ["requester"] = name }));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Every requester with its credentials, by name.</summary>
    public async Task<IReadOnlyList<(RegisteredRequester Requester, IReadOnlyList<Credential> Credentials)>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var credentials = (await db.Credentials.AsNoTracking().OrderBy(c => c.CreatedAt).ToListAsync(cancellationToken)).ToLookup(c => c.RequesterId);
        return [.. (await db.Requesters.AsNoTracking().OrderBy(r => r.Name).ToListAsync(cancellationToken)).Select(r => (r, (IReadOnlyList<Credential>)[.. credentials[r.Id]]))];
    }

    /// <summary>The valid credential of this kind that is shown so; null when there is none.</summary>
    public async Task<Proof?> FindAsync(CredentialKind kind, string lookup, CancellationToken cancellationToken)
    {
        if (_found.TryGetValue((kind, lookup), out var known) && time.GetElapsedTime(known.At) < Fresh)
            return known.Proof;
        var asked = time.GetTimestamp();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Credentials.AsNoTracking().Where(c => c.Kind == kind && c.Lookup == lookup)
            .Join(db.Requesters, c => c.RequesterId, r => r.Id, (credential, requester) => new { credential, requester })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || found.requester.RevokedAt is not null || !found.credential.IsValidAt(time.GetUtcNow()))
        {
            _found.TryRemove((kind, lookup), out _);
            return null;
        }

        var proof = new Proof(new Requester(found.requester.Name, found.requester.Role), found.credential.Content);
        _found[(kind, lookup)] = (proof, asked);
        return proof;
    }

    /// <summary>Whether a registered requester of this name was revoked; whoever is not registered was not.</summary>
    public async Task<bool> IsRevokedAsync(string name, CancellationToken cancellationToken)
    {
        if (name == Requester.Local.Name || !HasNameForm(name))
            return false;
        if (_revoked.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < Fresh)
            return known.IsRevoked;
        var asked = time.GetTimestamp();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var isRevoked = await db.Requesters.AnyAsync(r => r.Name == name && r.RevokedAt != null, cancellationToken);
        _revoked[name] = (isRevoked, asked);
        return isRevoked;
    }

    /// <summary>Whether the credential is or was anybody's, valid or not.</summary>
    public async Task<bool> IsKnownAsync(CredentialKind kind, string lookup, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Credentials.AnyAsync(c => c.Kind == kind && c.Lookup == lookup, cancellationToken);
    }

    private static async Task<RegisteredRequester> FindAsync(LazaretDb db, string name, CancellationToken cancellationToken) =>
        await db.Requesters.SingleOrDefaultAsync(r => r.Name == name, cancellationToken) switch
        {
            null => throw new InputException($"'{name}': there is no such requester; 'lazaret requesters list' shows them"),
            { RevokedAt: not null } => throw new InputException($"'{name}' was revoked"),
            var requester => requester,
        };

    private static async Task AddAsync(LazaretDb db, RegisteredRequester requester, AuditAction action, Credential credential, string actor, CancellationToken cancellationToken)
    {
        if (await db.Credentials.AnyAsync(c => c.Kind == credential.Kind && c.Lookup == credential.Lookup, cancellationToken))
            throw new InputException($"'{requester.Name}': this {CredentialKinds.WordsOf(credential.Kind)} was registered before: each is one requester's, and none comes back once it was revoked");
        db.Credentials.Add(credential);
        db.Audit.Add(AuditEntry.Of(action, credential.CreatedAt, actor, new()
        {
            ["requester"] = requester.Name,
            ["role"] = requester.Role,
            ["credential"] = credential.Kind,
            ["expires"] = credential.ExpiresAt,
        }));
        await db.SaveChangesAsync(cancellationToken);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.None, 1000)]
    private static partial Regex NameForm();
}

/// <summary>A valid credential: whose it is, and what the rest of the proof is compared with.</summary>
public sealed record Proof(Requester Requester, byte[] Content);
