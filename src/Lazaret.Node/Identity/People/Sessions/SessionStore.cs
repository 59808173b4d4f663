using System.Security.Claims;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>
/// The sessions, in the database that all processes share. Each request reads its session's row, so that a session that was ended is refused at once,
/// everywhere.
/// </summary>
internal sealed class SessionStore(IDbContextFactory<LazaretDb> databases, AuthOptions options, TimeProvider time) : ITicketStore
{
    /// <summary>The header of requests that a page's script makes without being asked to.</summary>
    public const string Unattended = "Lazaret-Unattended";

    /// <summary>The claim that holds what a page calls the person.</summary>
    public const string DisplayName = "name";

    private const int LongestDisplayName = 200;

    // A row need not be written at each request; a session may end earlier by this part of the idle time.
    private const int Touches = 15;

    /// <summary>Begins a session, and drops those that are over.</summary>
    /// <returns>What the cookie holds.</returns>
    /// <exception cref="SignInOverException">What the person signs in with was removed meanwhile: no session outlives that.</exception>
    public async Task<string> StoreAsync(AuthenticationTicket ticket, CancellationToken cancellationToken)
    {
        var secret = HashedSecret.Make();
        var (requester, mode) = (Requester.Of(ticket.Principal), ticket.Principal.Identity!.AuthenticationType!);
        var display = ticket.Principal.FindFirst(DisplayName)?.Value;
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        if (mode == AuthModes.Accounts && !await CanSignInAsync(db, requester.Name, cancellationToken))
            throw new SignInOverException();
        await Over(db, now).ExecuteDeleteAsync(cancellationToken);
        db.Sessions.Add(BrowserSession.Of(HashedSecret.HashOf(secret), requester, mode, display is null ? null : Shown(display), now));
        db.Audit.Add(AuditEntry.Of(AuditAction.SignedIn, now, requester.Name, new() { ["mode"] = mode, ["roles"] = RoleNames.Of(requester.Roles).ToArray() }));
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return secret;
    }

    public Task<string> StoreAsync(AuthenticationTicket ticket) => StoreAsync(ticket, CancellationToken.None);

    /// <summary>
    /// The session that the cookie names, if it lasts; using it prolongs it. What a page asks by itself, while nobody may sit before it, does not keep the session
    /// from being idle.
    /// </summary>
    public Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken) =>
        RetrieveAsync(key, isAttended: !httpContext.Request.Headers.ContainsKey(Unattended), cancellationToken);

    public Task<AuthenticationTicket?> RetrieveAsync(string key, CancellationToken cancellationToken) => RetrieveAsync(key, isAttended: true, cancellationToken);

    private async Task<AuthenticationTicket?> RetrieveAsync(string key, bool isAttended, CancellationToken cancellationToken)
    {
        var id = HashedSecret.HashOf(key);
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken) is not { } session
            || IsOver(session, now) || !options.Takes(session.Mode)
            // Of a provider that was configured before.
            || (session.Mode == AuthModes.Oidc && !session.Requester.StartsWith($"{options.Oidc.Name}/", StringComparison.Ordinal)))
            return null;
        var roles = session.Roles;
        if (session.Mode == AuthModes.Accounts)
        {
            if (await db.Requesters.AsNoTracking().SingleOrDefaultAsync(r => r.Name == session.Requester && r.RevokedAt == null, cancellationToken) is not { } person)
                return null;
            roles = person.Role;
        }

        if (isAttended && now - session.SeenAt >= options.Session.Idle / Touches)
        {
            await using var writing = await db.BeginWritingAsync(cancellationToken);
            await db.Sessions.Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.SeenAt, now), cancellationToken);
            await writing.CommitAsync(cancellationToken);
        }

        var principal = new Requester(session.Requester, roles).ToPrincipal(session.Mode);
        if (session.DisplayName is { } display)
            ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim(DisplayName, display));
        return new AuthenticationTicket(principal, new AuthenticationProperties { IssuedUtc = session.CreatedAt, ExpiresUtc = session.CreatedAt + options.Session.Absolute }, SessionScheme.Name);
    }

    public Task<AuthenticationTicket?> RetrieveAsync(string key) => RetrieveAsync(key, CancellationToken.None);

    /// <summary>Ends a session.</summary>
    public async Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        var id = HashedSecret.HashOf(key);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken) is not { } session)
            return;
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        if (await db.Sessions.Where(s => s.Id == id).ExecuteDeleteAsync(cancellationToken) > 0)
            db.Audit.Add(AuditEntry.Of(AuditAction.SignedOut, time.GetUtcNow(), session.Requester, new() { ["mode"] = session.Mode }));
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    public Task RemoveAsync(string key) => RemoveAsync(key, CancellationToken.None);

    // A sign-in never finds an earlier session (SessionCookie hides it), and nothing else renews one.
    public Task RenewAsync(string key, AuthenticationTicket ticket) => throw new InvalidOperationException("a session is never given to another sign-in");

    // It is the provider's word: what does not show is left out, and no character is cut in two.
    private static string Shown(string display)
    {
        var shown = string.Concat(display.EnumerateRunes().Where(PlainText.IsPlain));
        return shown.Length <= LongestDisplayName ? shown : shown[..(char.IsHighSurrogate(shown[LongestDisplayName - 1]) ? LongestDisplayName - 1 : LongestDisplayName)];
    }

    // Locks the person's row, so that a command that removes what they sign in with comes before or after, and not between.
    private static async Task<bool> CanSignInAsync(LazaretDb db, string name, CancellationToken cancellationToken) =>
        await db.People.AsNoTracking().Where(p => p.UserName == name).ForUpdate().SingleOrDefaultAsync(cancellationToken) is { } person
        && (person.PasswordHash is not null || await db.Passkeys.AnyAsync(passkey => passkey.UserId == person.Id, cancellationToken));

    private bool IsOver(BrowserSession session, DateTimeOffset now) => session.SeenAt <= now - options.Session.Idle || session.CreatedAt <= now - options.Session.Absolute;

    private IQueryable<BrowserSession> Over(LazaretDb db, DateTimeOffset now)
    {
        var (idle, begun) = (now - options.Session.Idle, now - options.Session.Absolute);
        return db.Sessions.Where(s => s.SeenAt <= idle || s.CreatedAt <= begun);
    }
}
