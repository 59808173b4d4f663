using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>Name, password and six-digit code, all together: what of them was wrong is not said, nor shown by the time that the answer takes.</summary>
internal sealed class PasswordSignIn(LazaretDb db, UserManager<Person> users, DecoyPassword decoy, AuthenticationAudit audit, TimeProvider time)
{
    private const int MostFailures = 5;
    private static readonly TimeSpan Locked = TimeSpan.FromMinutes(15);

    // More than hashing a password and writing to the database take.
    private static readonly TimeSpan FailureTakes = TimeSpan.FromMilliseconds(500);

    /// <returns>Null when it failed.</returns>
    public async Task<Requester?> TryAsync(HttpContext http, string name, string password, string code)
    {
        var cancellationToken = http.RequestAborted;
        var rest = Task.Delay(FailureTakes, cancellationToken);
        var person = name.Length <= 64 ? await users.FindByNameAsync(name) : null;
        var requester = await CheckAsync(person, password, code, cancellationToken);
        if (requester is not null)
            return requester;
        // An unknown name may be a password in the wrong field: it is not kept.
        await audit.RefusedAsync(http, null, "POST /sign-in", person is null ? "sign-in under an unknown name" : $"sign-in as '{person.UserName}': wrong password or code, or locked after failures");
        await rest;
        return null;
    }

    private async Task<Requester?> CheckAsync(Person? person, string password, string code, CancellationToken cancellationToken)
    {
        var passwordIsRight = password.Length <= PasswordRules.Longest && decoy.IsRight(person, password);
        if (person is null)
            return null;
        var secret = await users.GetAuthenticatorKeyAsync(person);
        var now = time.GetUtcNow();
        var step = secret is null ? null : AuthenticatorCode.StepOf(secret, code, now);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        // Each try counts before its outcome does: of tries at the same time no more get through than of tries one after the other.
        var counted = await CountAsync(person, now, cancellationToken);
        var requester = await db.Requesters.AsNoTracking().SingleOrDefaultAsync(r => r.Id == person.Id && r.RevokedAt == null, cancellationToken);
        var isRight = counted && passwordIsRight && requester is not null && step is { } shown && await AcceptAsync(person, shown, cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return isRight ? new Requester(requester!.Name, requester.Role) : null;
    }

    /// <returns>False when a code of this step or a later one was accepted before.</returns>
    private async Task<bool> AcceptAsync(Person person, long step, CancellationToken cancellationToken) =>
        await db.People.Where(p => p.Id == person.Id && p.AcceptedStep < step).ExecuteUpdateAsync(
            set => set.SetProperty(p => p.AccessFailedCount, 0).SetProperty(p => p.LockoutEnd, (DateTimeOffset?)null).SetProperty(p => p.AcceptedStep, step), cancellationToken) == 1;

    /// <returns>False while the account is locked.</returns>
    private async Task<bool> CountAsync(Person person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset? until = now + Locked;
        await db.People.Where(p => p.Id == person.Id && p.LockoutEnd <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.AccessFailedCount, 0).SetProperty(p => p.LockoutEnd, (DateTimeOffset?)null), cancellationToken);
        var counted = await db.People.Where(p => p.Id == person.Id && p.LockoutEnd == null)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.AccessFailedCount, p => p.AccessFailedCount + 1), cancellationToken);
        await db.People.Where(p => p.Id == person.Id && p.LockoutEnd == null && p.AccessFailedCount >= MostFailures)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.LockoutEnd, until), cancellationToken);
        return counted > 0;
    }
}
